"""From a data set of robot episodes to a JEPilot model folder."""
