import { describe, expect, it } from 'vitest';
import { parseProfile, readProfile } from '../../../src/robot/profile/read.ts';
import { lineProfile, lineYaml } from './line-profile.ts';

const refusal = (text: string): string => {
  try {
    parseProfile(text, 'robot.yaml');
  } catch (error) {
    return (error as Error).message;
  }
  return 'accepted';
};

const changed = (from: string, to: string): string => {
  expect(lineYaml).toContain(from);
  return refusal(lineYaml.replace(from, to));
};

describe('a robot profile', () => {
  it('is read from YAML, with either spelling of a type, and what it leaves out is filled in', () => {
    const profile = lineProfile();
    expect(profile.cameras[0]).toMatchObject({ type: 'sensor_msgs/Image', maxAge: 0.25, delay: 0 });
    expect(profile.heartbeat).toEqual({ service: '/rosapi/get_time', period: 0.1 });
    expect(profile.emergencyStop).toEqual({ topic: '/stop', stopWhen: true });
  });

  it('is read from JSON as well', () => {
    const profile = lineProfile();
    expect(parseProfile(JSON.stringify(profile), 'robot.json')).toEqual(profile);
  });

  it('names the line and the key of what is wrong', () => {
    expect(changed('rate: 50', 'rate: 50\ncolour: red')).toBe("robot.yaml:6: 'colour': no such key");
    expect(changed('width: 16', 'width: 0')).toMatch(/^robot\.yaml:10: 'cameras\.0\.size\.width': .*>=1/);
    expect(changed('format: jepilot-robot/1', 'format: other')).toMatch(/^robot\.yaml:2: 'format'/);
    expect(changed('topic: /command', 'topic: command')).toMatch(/'action\.topic': a topic begins with/);
    expect(changed('name: line', 'name: [')).toMatch(/^robot\.yaml:\d+: /);
    expect(refusal('')).toMatch(/^robot\.yaml:1: /);
  });

  it('refuses what contradicts itself, by the line of the key', () => {
    expect(changed('index: 0', 'joint: slider')).toMatch(/^robot\.yaml:21: .* needs index; got joint/);
    expect(changed('minimum: -1', 'minimum: 2')).toMatch(/is 2, not below 1/);
    expect(changed('minimum: -1', 'minimum: 0.5')).toMatch(
      /0, which holds in velocity mode, is out of bounds/,
    );
    expect(changed('mode: velocity', 'mode: position')).toMatch(/position mode needs measured/);
    expect(changed('topic: /command', 'topic: /joint_states')).toMatch(/is read from this topic/);
    expect(changed('joint: slider,', '')).toMatch(/sensor_msgs\/JointState needs joint; got none/);
    expect(changed('scale: 1000, offset', 'scale: 0, offset')).toMatch(/scale may not be 0/);
    expect(changed('size: {', 'crop: { x: 0, y: 0, width: 9, height: 9 }\n    size: {')).toMatch(
      /needs source/,
    );
  });

  it('may tighten the safety envelope and never loosen it', () => {
    expect(lineProfile((yaml) => `${yaml}limits: { hardSilence: 0.3 }`).limits.hardSilence).toBe(0.3);
    expect(refusal(`${lineYaml}limits: { hardSilence: 2 }`)).toMatch(
      /'hardSilence' is 2; a profile may only tighten it: at most 0.5/,
    );
    expect(refusal(`${lineYaml}limits: { margin: 0 }`)).toMatch(/at least 0.02/);
    expect(refusal(`${lineYaml}limits: { speed: 1 }`)).toMatch(/'limits.speed': no such key/);
  });

  it('bounds what a small file can grow into', () => {
    const bomb = ['a: &a [x,x,x,x,x,x,x,x,x]'];
    for (let i = 0; i < 8; i++) {
      const [from, to] = [String.fromCharCode(97 + i), String.fromCharCode(98 + i)];
      bomb.push(`${to}: &${to} [*${from},*${from},*${from},*${from},*${from},*${from},*${from},*${from}]`);
    }
    expect(refusal(bomb.join('\n'))).toMatch(/alias/i);
    expect(refusal('x'.repeat((1 << 20) + 1))).toMatch(/larger than 1 MiB/);
  });

  it.each(['mobile-base', 'arm-position'])('of the examples is good: %s', (name) => {
    expect(readProfile(`examples/${name}.yaml`).format).toBe('jepilot-robot/1');
  });

  it('says so when there is no such file', () => {
    expect(() => readProfile('no/such/robot.yaml')).toThrow(/cannot read robot profile no\/such\/robot.yaml/);
  });
});
