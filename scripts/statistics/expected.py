"""Prints the values that tests/evaluation/expected.json holds, as SciPy and statsmodels compute them.

Run: pip install scipy statsmodels && python scripts/statistics/expected.py > tests/evaluation/expected.json
"""

import json

import numpy as np
import scipy
import statsmodels
from scipy import special
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

WILSON = [(48, 50), (43, 50), (450, 500), (200, 200), (0, 10), (1, 3), (931, 1000)]
TABLES = [(10, 3, 9, 4), (80, 0, 6, 14), (5, 5, 5, 5), (400, 31, 60, 9), (0, 0, 1, 0), (700, 120, 180, 0)]
P_VALUES = [[0.01, 0.04, 0.03, 0.005], [0.5], [0.2, 0.2, 0.001], [0.9, 0.8, 0.7, 1.0, 0.02]]
SAMPLES = [[3.0, 1.0, 2.0], [12.5, 7.0, 30.0, 9.0, 15.25, 22.0], [1.0]]


def wilson(k, n):
    low, high = proportion_confint(k, n, alpha=0.05, method="wilson")
    return {"k": k, "n": n, "low": float(low), "high": float(high)}


def pair(both, first, second, neither):
    """Exact McNemar; Bonett and Price's interval; the Beta(1/2, 1/2) e-value."""
    table = [[both, first], [second, neither]]
    n = both + first + second + neither
    p, q = (first + 1) / (n + 2), (second + 1) / (n + 2)
    half = scipy.stats.norm.ppf(0.975) * np.sqrt((p + q - (p - q) ** 2) / (n + 2))
    log_e = special.betaln(first + 0.5, second + 0.5) - special.betaln(0.5, 0.5) + (first + second) * np.log(2)
    return {
        "counts": {"both": both, "first": first, "second": second, "neither": neither},
        "p": float(mcnemar(table, exact=True).pvalue),
        "worse": float(scipy.stats.binomtest(first, first + second, 0.5, alternative="less").pvalue),
        "low": float(max(-1, p - q - half)),
        "high": float(min(1, p - q + half)),
        "logEvidence": float(log_e),
    }


print(
    json.dumps(
        {
            "scipy": scipy.__version__,
            "statsmodels": statsmodels.__version__,
            "wilson": [wilson(*case) for case in WILSON],
            "pairs": [pair(*case) for case in TABLES],
            "holm": [{"p": p, "adjusted": [float(v) for v in multipletests(p, method="holm")[1]]} for p in P_VALUES],
            "quantiles": [
                {"sample": s, "p50": float(np.quantile(s, 0.5)),
                 "p95": float(np.quantile(s, 0.95))}
                for s in SAMPLES
            ],
        },
        indent=1,
    )
)
