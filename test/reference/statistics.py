"""Reference implementation of src/analysis/statistics from the definitions, with 40 digits (mpmath).

Reads a JSON file of cases, {kind: [case, ...]}, and prints {kind: [result, ...]} in the same order.
"""
import json
import sys

from mpmath import betainc, exp, findroot, floor, fprod, log, log1p, loggamma, mp, mpf, ncdf, sqrt

mp.dps = 40
STEPS = [mpf(2500) ** (mpf(j) / 23) / 1000 for j in range(24)]
DENSITIES = [(step - before) * exp(-2 * step**2) for step, before in zip(STEPS, [mpf(0)] + STEPS)]
WEIGHTS = [density / sum(DENSITIES) for density in DENSITIES]


def main(path):
    with open(path) as file:
        cases = json.load(file, parse_float=mpf)
    results = {kind: [as_floats(KINDS[kind](**case)) for case in of_kind] for kind, of_kind in cases.items()}
    print(json.dumps(results))


def as_floats(result):
    return [None if number is None else float(number) for number in result]


def count_test(windows, margin, dispersion, alpha):
    """logE, logENotWorse, ratio, lower, upper; windows of [candidateEvents, events, candidateShare]."""

    def log_evidence(null, sign):
        def log_ratio(step):
            there = null + sign * step
            terms = [x * sign * step - m * log((1 - r + r * exp(there)) / (1 - r + r * exp(null))) for x, m, r in windows]
            return sum(terms, mpf(0)) / dispersion

        return log(sum(weight * exp(log_ratio(step)) for weight, step in zip(WEIGHTS, STEPS)))

    def bound(sign):
        """The null that the one-sided test of this direction just rejects, within the range of the curve."""
        start, end = -4 * sign, mpf(3) / 2 * sign
        beyond = lambda null: log_evidence(null, sign) - log(2 / alpha)
        if beyond(start) < 0:
            return None
        return exp(end if beyond(end) >= 0 else findroot(beyond, (start, end), solver='anderson', tol=1e-28))

    candidate = sum((x * (1 - r) for x, m, r in windows), mpf(0))
    baseline = sum(((m - x) * r for x, m, r in windows), mpf(0))
    ratio = None if baseline == 0 else candidate / baseline
    edge = log1p(margin)
    return [log_evidence(edge, 1), log_evidence(edge, -1), ratio, bound(1) or 0, bound(-1)]


def harm(windows, margin, dispersion, watchedSeconds):
    """logE after each window: the weighted sum over all beginnings; windows of [candidateEvents, events, share, seconds]."""
    null = log1p(margin)
    beginnings = [mpf(0)]
    for window in windows:
        beginnings.append(beginnings[-1] + window[3])

    def weight_after(seconds):
        if seconds <= watchedSeconds:
            return (1 - mpf(9) / 10 * seconds / watchedSeconds) / 2
        return mpf(watchedSeconds) / seconds / 20

    def since(first, last):
        """The mixture of likelihood ratios of the windows from `first` to `last`."""

        def log_ratio(step):
            terms = [x * step - m * log((1 - r + r * exp(null + step)) / (1 - r + r * exp(null))) for x, m, r, _ in windows[first : last + 1]]
            return sum(terms, mpf(0)) / dispersion

        return sum(weight * exp(log_ratio(step)) for weight, step in zip(WEIGHTS, STEPS))

    def evidence(last):
        late = ((weight_after(beginnings[i]) - weight_after(beginnings[i + 1])) * since(i, last) for i in range(last + 1))
        return log(since(0, last) / 2 + sum(late) + weight_after(beginnings[last + 1]))

    return [evidence(last) for last in range(len(windows))]


def rate_test(windows, bound, dispersion, plannedWindows):
    """ln of the evidence for a rate above the bound in the latest windows; windows of [requests, events]."""

    def ratio(window, odds):
        n, x = window
        before = mpf(bound)
        after = odds * before / (1 - before + odds * before)
        return ((after / before) ** x * ((1 - after) / (1 - before)) ** (n - x)) ** (1 / mpf(dispersion))

    def over_beginnings(odds):
        ratios = [ratio(window, odds) for window in windows]
        return sum(fprod(ratios[beginning:]) for beginning in range(len(ratios)))

    sums = [over_beginnings(exp(mpf(step) / 10)) for step in (2, 5, 9, 15, 24, 39)]
    return [log(sum(sums) / len(sums) / plannedWindows)]


def window_dispersion(windows, ratio):
    """Dispersion by the mean square successive difference; windows of [candidate's events, of both, candidate's share]."""
    parts = []
    for x, events, share in windows:
        if events > 0:
            odds = mpf(share) / (1 - mpf(share)) * ratio
            parts.append((mpf(x) / events, odds / (1 + odds), mpf(events)))
    weights, squares = [], []
    for (a, p, m), (b, q, n) in zip(parts, parts[1:]):
        expected = p * (1 - p) / m + q * (1 - q) / n
        fewest = min(m * p, m * (1 - p), n * q, n * (1 - q))
        weights.append(1 / (3 + 1 / fewest))
        squares.append(((b - q) - (a - p)) ** 2 / expected)
    if not weights:
        return [1]
    mean = sum(w * s for w, s in zip(weights, squares)) / sum(weights)
    return [max(mpf(1), mean - 2 / sqrt(sum(weights)))]


def sequence(estimate, standardError, size, alpha, plannedSize, nullValue):
    """Two-sided bounds, lower and upper one-sided bound, logE."""

    def rho(level):
        return sqrt((-2 * log(level) + log(1 - 2 * log(level))) / plannedSize)

    def radius(scale, logarithm):
        return standardError * sqrt(size) * sqrt(2 * (size * scale**2 + 1) / (size**2 * scale**2) * logarithm)

    estimate, standardError, size, alpha = mpf(estimate), mpf(standardError), mpf(size), mpf(alpha)
    two, one = rho(alpha), rho(2 * alpha)
    wide = radius(two, log(sqrt(size * two**2 + 1) / alpha))
    near = radius(one, log(1 + sqrt(size * one**2 + 1) / (2 * alpha)))
    z = (estimate - nullValue) / standardError
    log_e = z**2 * size * two**2 / (2 * (size * two**2 + 1)) - log(size * two**2 + 1) / 2
    return [estimate - wide, estimate + wide, estimate - near, estimate + near, log_e]


def difference(stages, kind, scale):
    """Estimate, standard error, size; stages of [baseline's values, candidate's values]."""
    weights = [mpf(len(a) * len(b)) / (len(a) + len(b)) for a, b in stages]
    parts = [weight / sum(weights) for weight in weights]

    def variance(values):
        mean = mpf(sum(values)) / len(values)
        squares = sum((value - mean) ** 2 for value in values)
        return squares / len(values) if kind == 'proportion' else squares / (len(values) - 1)

    def moments(arm):
        mean = sum(part * mpf(sum(stage[arm])) / len(stage[arm]) for part, stage in zip(parts, stages))
        return mean, sum(part**2 * variance(stage[arm]) / len(stage[arm]) for part, stage in zip(parts, stages))

    (a, var_a), (b, var_b) = moments(0), moments(1)
    size = 4 * sum(weights)
    if scale == 'absolute':
        return [b - a, sqrt(var_a + var_b), size]
    if a**2 <= 9 * var_a:
        return [None, None, None]
    return [(b - a) / abs(a), sqrt(var_b / a**2 + var_a * b**2 / a**4), size]


def by_user(stages, kind, scale):
    """Estimate, standard error, size, dispersion of counts; stages of [baseline's users, candidate's users].

    A user is [trials, events, trials that the first of two processes counted]."""

    def describe(users, poisson):
        n, events = mpf(sum(t for t, _, _ in users)), mpf(sum(e for _, e, _ in users))
        mean = events / n
        independent = events if poisson else n * mean * (1 - mean)
        squared = sum((e - mean * t) ** 2 for t, e, _ in users)
        first = sum(one for _, _, one in users)
        processes = n**2 / (first**2 + (n - first) ** 2)
        excess = max(0, squared / independent - 1) * max(1, processes) if independent else mpf(0)
        return n, mean, independent, excess

    def combine(parts):
        return sum(v for v, _ in parts) + sum(sqrt(v * excess) for v, excess in parts) ** 2

    described = [[describe(users, kind == 'ratio') for users in stage] for stage in stages]
    weights = [a[0] * b[0] / (a[0] + b[0]) for a, b in described]

    def moments(arm, measured):
        mean, parts = mpf(0), []
        for weight, stage in zip(weights, described):
            n, m, independent, excess = stage[arm]
            part = weight / sum(weights)
            pooled = sum(each[2] * each[3] for each in stage) / sum(each[2] for each in stage)
            mean += part * m
            parts.append((part**2 * independent / n**2, max(excess, pooled) if measured else 0))
        return mean, combine(parts)

    def variance(measured):
        (a, var_a), (b, var_b) = moments(0, measured), moments(1, measured)
        if scale == 'absolute':
            return b - a, var_a + var_b
        if a**2 <= 9 * var_a:
            return None
        return (b - a) / abs(a), var_b / a**2 + var_a * b**2 / a**4

    spans = []
    for users in stages:
        a, b = [describe(arm, True) for arm in users]
        events = a[2] + b[2]
        if events == 0:
            continue
        share = a[0] * b[0] / (a[0] + b[0]) ** 2
        spans.append((share * events, (a[2] * a[3] + b[2] * b[3]) / events))
    dispersion = combine(spans) / sum(v for v, _ in spans)
    plain, robust = variance(False), variance(True)
    if plain is None or robust is None:
        return [None, None, None, dispersion]
    size = 4 * sum(weights) * plain[1] / robust[1]
    return [robust[0], sqrt(robust[1]), size, dispersion]


def winsorised(stages, cap):
    """Difference of capped means, and each arm's effective number of values and weight of its values."""
    capped = [[[min(mpf(value), cap) for value in values] for values in stage] for stage in stages]
    found = difference(capped, 'mean', 'absolute')
    for arm in (0, 1):
        values = [value for stage in capped for value in stage[arm]]
        squares = sum(value**2 for value in values)
        found += [sum(values) ** 2 / squares, squares / mpf(cap) ** 2]
    return found


def reported_percentile(requests, nonZero, zeros, percent):
    """Rank among the reported values that leaves as many of them above as the percentile of all requests leaves."""
    beyond = min(mpf(requests) * (100 - mpf(percent)) / 100, mpf(nonZero) / 20)
    return [floor(10000 * (100 - 100 * beyond / (nonZero + zeros))) / 10000]


def sample_ratio(counts, shares, concentration):
    """ln of the Bayes factor."""

    def log_beta(parameters):
        return sum(loggamma(parameter) for parameter in parameters) - loggamma(sum(parameters))

    prior = [concentration * mpf(share) for share in shares]
    posterior = [parameter + count for parameter, count in zip(prior, counts)]
    return [log_beta(posterior) - log_beta(prior) - sum(count * log(share) for count, share in zip(counts, shares))]


def one_sided(x, n, share, concentration):
    """ln of the evidence for a proportion above the share, and below."""
    a, b = concentration * mpf(share), concentration * (1 - mpf(share))
    [two_sided] = sample_ratio([x, n - x], [share, 1 - mpf(share)], concentration)

    def factor(low, high):
        after = betainc(a + x, b + n - x, low, high, regularized=True)
        return log(after / betainc(a, b, low, high, regularized=True))

    return [two_sided + factor(share, 1), two_sided + factor(0, share)]


def higher_rate(baseline, candidate):
    """P(candidate's rate is higher) as a finite sum over its successes; [n, events] each."""
    a1, b1 = 1 + baseline[1], 1 + baseline[0] - baseline[1]
    a2, b2 = 1 + candidate[1], 1 + candidate[0] - candidate[1]

    def log_beta(a, b):
        return loggamma(a) + loggamma(b) - loggamma(a + b)

    terms = (exp(log_beta(a1 + i, b1 + b2) - log_beta(1 + i, b2) - log_beta(a1, b1)) / (b2 + i) for i in range(a2))
    return [sum(terms)]


def higher_mean(estimate, standardError):
    return [ncdf(mpf(estimate) / standardError)]


KINDS = {
    'countTest': count_test,
    'harm': harm,
    'rateTest': rate_test,
    'windowDispersion': window_dispersion,
    'sequence': sequence,
    'difference': difference,
    'byUser': by_user,
    'winsorised': winsorised,
    'reportedPercentile': reported_percentile,
    'sampleRatio': sample_ratio,
    'oneSided': one_sided,
    'higherRate': higher_rate,
    'higherMean': higher_mean,
}

main(sys.argv[1])
