#!/usr/bin/env python3
"""Golden values of the contrastive losses: PyTorch, CPU, float64.

Shares no code with the Rust workspace. Every loss is the papers' formula written out anchor by
anchor over explicit index lists; gradients are PyTorch's autograd. README.md describes the file
format, how to run this and what the checks are.
"""

import argparse
import json
import math
import pathlib
import platform

import torch

torch.set_num_threads(1)
HERE = pathlib.Path(__file__).resolve().parent
FULL_GRADIENT = 64  # values; longer gradients are sampled
SAMPLES = 16
ANCHOR_LOSSES = 20  # rows; longer batches store no loss per anchor
PAPER = (1.0, 0.7, 1.3, 0.11)

# --- embeddings --------------------------------------------------------------------------------


def angle(constants, u, d):
    c0, c1, c2, c3 = constants
    return c0 + c1 * u + c2 * d + c3 * (u * d)


def side(n, dim, labels, instances, constants=PAPER, source=None, centre=None, pull=0.0, stretch=0.0):
    """Description of one set of rows, exactly as it is stored."""
    assert len(labels) == len(instances) == n
    return {
        "labels": labels,
        "instances": instances,
        "constants": list(constants),
        "source": source,
        "centre": centre,
        "pull": pull,
        "stretch": stretch,
    }


def raw_rows(spec, dim):
    rows = []
    for a in range(len(spec["labels"])):
        u = float(a if spec["source"] is None else spec["source"][a])
        row = [math.sin(angle(spec["constants"], u, float(d))) for d in range(dim)]
        if spec["centre"] is not None:
            v = spec["centre"][a] + 0.5
            row = [x + spec["pull"] * math.sin(angle(spec["constants"], v, float(d))) for d, x in enumerate(row)]
        rows.append(row)
    return rows


def unit_rows(spec, dim):
    rows = []
    for a, row in enumerate(raw_rows(spec, dim)):
        square = 0.0
        for x in row:
            square += x * x
        norm = math.sqrt(square)
        factor = 1.0 + spec["stretch"] * math.sin(1.0 + a)
        rows.append([x / norm * factor for x in row])
    return rows


def probe(values):
    """One number that notices every entry: sum of x_k sin(1 + 0.37 k)."""
    total = 0.0
    for k, x in enumerate(values):
        total += x * math.sin(1.0 + 0.37 * k)
    return total


# --- similarities ------------------------------------------------------------------------------


def similarity(kernel, a, b):
    kind = kernel["kind"]
    dots = torch.einsum("id,jd->ij", a, b)
    if kind == "dot":
        return dots
    if kind == "cosine":
        return dots / (a.norm(dim=1)[:, None] * b.norm(dim=1)[None, :])
    if kind == "polynomial":
        return (dots + kernel["offset"]) ** kernel["degree"]
    difference = a[:, None, :] - b[None, :, :]
    if kind == "laplacian":
        return -difference.abs().sum(dim=2) / kernel["width"]
    square = (difference * difference).sum(dim=2)
    if kind == "rbf":
        return -square / (2.0 * kernel["width"] ** 2)
    if kind == "student_t":
        nu = kernel["freedom"]
        return -(nu + 1.0) / 2.0 * torch.log1p(square / nu)
    raise ValueError(kind)


# --- who is what to whom -------------------------------------------------------------------------


def mix(x):
    """The "lowbias32" finaliser on 32 bits."""
    x = ((x ^ (x >> 16)) * 0x7FEB352D) & 0xFFFFFFFF
    x = ((x ^ (x >> 15)) * 0x846CA68B) & 0xFFFFFFFF
    return x ^ (x >> 16)


def pair_hash(row, column):
    return mix(mix((row + 0x9E3779B9) & 0xFFFFFFFF) ^ column)


def positives_and_negatives(objective, rows, columns, i):
    """P(i) and N(i) as lists of columns; `columns` is None where the rows are the columns."""
    others = rows if columns is None else columns
    candidates = [j for j in range(len(others["labels"])) if not (columns is None and j == i)]
    same_class = [j for j in candidates if others["labels"][j] == rows["labels"][i]]
    same_image = [j for j in candidates if others["instances"][j] == rows["instances"][i]]
    positive = same_class if objective["positives"] == "same_label" else same_image
    negative = [j for j in candidates if j not in positive]
    if objective["candidates"] == "drop_same_class":
        negative = [j for j in negative if j not in same_class]
    cap = objective["positives_cap"]
    if cap is not None:
        own = [j for j in positive if j in same_image]
        of_others = [j for j in positive if j not in same_image]
        positive = own + sorted(of_others, key=lambda j: pair_hash(i, j))[:cap]
    return sorted(positive), negative


# --- losses ------------------------------------------------------------------------------------


def anchor_loss(objective, logits, positive, negative):
    """L_i by eqs. 1 to 3 of Khosla et al. 2020 with the denominator modes of the official
    TensorFlow code; None for an anchor that contrasts nothing."""
    if not positive:
        return None
    mode = objective["denominator"]
    log_ratios = []
    for p in positive:
        below = {"all": positive + negative, "one_positive": [p] + negative, "only_negatives": negative}[mode]
        if not below:
            return None
        log_ratios.append(logits[p] - torch.logsumexp(logits[below], dim=0))
    log_ratios = torch.stack(log_ratios)
    if objective["summation"] == "out":
        return -log_ratios.sum() / len(positive)
    return -(torch.logsumexp(log_ratios, dim=0) - math.log(len(positive)))


def soft_anchor_loss(logits, weights, candidates):
    """Cross-entropy of the row-normalised weights against the softmax over the candidates."""
    total = sum(weights[j] for j in candidates)
    if total == 0.0:
        return None
    log_softmax = torch.log_softmax(logits[candidates], dim=0)
    target = torch.tensor([weights[j] / total for j in candidates], dtype=torch.float64)
    return -(target * log_softmax).sum()


def soft_weights(soft, rows, columns):
    others = rows if columns is None else columns
    m, c = len(rows["labels"]), len(others["labels"])
    kind = soft["kind"]
    if kind == "same_label":
        w = [[float(rows["labels"][i] == others["labels"][j]) for j in range(c)] for i in range(m)]
    elif kind == "mixed":  # Y Yᵀ of y = share · one-hot(label) + (1 − share) · one-hot(second)
        def row(labels, second, share):
            y = {}
            y[labels] = y.get(labels, 0.0) + share
            y[second] = y.get(second, 0.0) + (1.0 - share)
            return y
        of_rows = [row(*x) for x in zip(rows["labels"], soft["row_second"], soft["row_share"])]
        of_columns = [row(*x) for x in zip(others["labels"], soft["column_second"], soft["column_share"])]
        w = [[sum(x * y.get(k, 0.0) for k, x in of_rows[i].items()) for y in of_columns] for i in range(m)]
    elif kind == "time":  # exp(−|t_i − t_j| / scale)
        w = [[math.exp(-abs(s - t) / soft["scale"]) for t in soft["column_time"]] for s in soft["row_time"]]
    elif kind == "sine":
        w = [[max(0.0, math.sin(1.0 + 0.9 * i + 1.7 * j + 0.13 * (i * j))) for j in range(c)] for i in range(m)]
    else:
        raise ValueError(kind)
    for i in soft.get("zero_rows", []):
        w[i] = [0.0] * c
    return w


def evaluate(batch, case, through_normalization=False):
    """Loss, losses of the anchors and gradient (of the mean over the valid anchors)."""
    rows, columns, dim = batch["rows"], batch["columns"], batch["dim"]
    if through_normalization:
        w = torch.tensor(raw_rows(rows, dim), dtype=torch.float64, requires_grad=True)
        leaf, z = w, w / w.norm(dim=1, keepdim=True)
    else:
        z = torch.tensor(unit_rows(rows, dim), dtype=torch.float64, requires_grad=True)
        leaf = z
    keys = z if columns is None else torch.tensor(unit_rows(columns, dim), dtype=torch.float64)
    losses = []
    if case["soft"] is None:
        logits = similarity(case["kernel"], z, keys) / case["objective"]["temperature"]
        for i in range(z.shape[0]):
            positive, negative = positives_and_negatives(case["objective"], rows, columns, i)
            losses.append(anchor_loss(case["objective"], logits[i], positive, negative))
    else:
        logits = similarity({"kind": "dot"}, z, keys) / case["soft"]["temperature"]
        weights = soft_weights(case["soft"], rows, columns)
        for i in range(z.shape[0]):
            candidates = [j for j in range(keys.shape[0]) if not (columns is None and j == i)]
            losses.append(soft_anchor_loss(logits[i], weights[i], candidates))
    valid = [x for x in losses if x is not None]
    if not valid:
        return 0.0, losses, [0.0] * leaf.numel()
    mean = torch.stack(valid).sum() / len(valid)
    mean.backward()
    return mean.item(), [None if x is None else x.item() for x in losses], leaf.grad.flatten().tolist()


def describe_gradient(gradient):
    if len(gradient) <= FULL_GRADIENT:
        found = {"indices": None, "values": gradient}
    else:
        last = len(gradient) - 1
        indices = sorted({(k * last) // (SAMPLES - 1) for k in range(SAMPLES)})
        found = {"indices": indices, "values": [gradient[k] for k in indices]}
    square = 0.0
    for g in gradient:
        square += g * g
    found["max_abs"] = max((abs(g) for g in gradient), default=0.0)
    found["sum_of_squares"] = square
    found["probe"] = probe(gradient)
    return found


def run_case(batch, case):
    loss, losses, gradient = evaluate(batch, case)
    result = dict(case)
    result["loss"] = loss
    result["valid_anchors"] = sum(x is not None for x in losses)
    result["anchor_losses"] = losses if len(losses) <= ANCHOR_LOSSES else None
    result["gradient"] = describe_gradient(gradient)
    if case["raw_gradient"]:
        assert batch["rows"]["stretch"] == 0.0
        result["raw_gradient"] = describe_gradient(evaluate(batch, case, through_normalization=True)[2])
    else:
        result["raw_gradient"] = None
    return result


# --- what is asked ------------------------------------------------------------------------------

DOT = {"kind": "dot"}


def objective(temperature, summation="out", positives="same_label", candidates="all", denominator="all", cap=None):
    return {
        "temperature": temperature,
        "summation": summation,
        "positives": positives,
        "candidates": candidates,
        "denominator": denominator,
        "positives_cap": cap,
    }


def case(name, wanted, kernel=DOT, raw=False):
    return {"name": name, "objective": wanted, "kernel": kernel, "soft": None, "raw_gradient": raw}


def soft_case(name, temperature, kind, **fields):
    soft = {"kind": kind, "temperature": temperature, **fields}
    return {"name": name, "objective": None, "kernel": DOT, "soft": soft, "raw_gradient": False}


def every_switch(tau, caps=(None,)):
    return [
        case(f"{s}/{p}/{c}/{d}/cap {cap}/tau {tau}", objective(tau, s, p, c, d, cap))
        for s in ("out", "in")
        for p in ("same_label", "other_view")
        for c in ("all", "drop_same_class")
        for d in ("all", "one_positive", "only_negatives")
        for cap in caps
    ]


def named(tau, raw=False, caps=(1, 2, 4)):
    """The literature's losses."""
    found = [
        case(f"supcon, tau {tau}", objective(tau), raw=raw),
        case(f"supcon_in, tau {tau}", objective(tau, "in"), raw=raw),
        case(f"nt_xent, tau {tau}", objective(tau, positives="other_view"), raw=raw),
        case(f"drop_same_class, tau {tau}", objective(tau, positives="other_view", candidates="drop_same_class")),
        case(f"nt_xent, only_negatives, tau {tau}", objective(tau, positives="other_view", denominator="only_negatives")),
        case(f"one_positive, tau {tau}", objective(tau, denominator="one_positive")),
        case(f"one_positive, in, tau {tau}", objective(tau, "in", denominator="one_positive")),
        case(f"only_negatives, tau {tau}", objective(tau, denominator="only_negatives")),
        case(f"only_negatives, in, tau {tau}", objective(tau, "in", denominator="only_negatives")),
    ]
    for cap in caps:
        found.append(case(f"cap {cap}, tau {tau}", objective(tau, cap=cap)))
        found.append(case(f"cap {cap}, in, tau {tau}", objective(tau, "in", cap=cap)))
    return found


def four(tau):
    """The objectives the shaders know."""
    return named(tau, caps=())[:4]


def n_pairs():
    return case("n_pairs", objective(1.0, cap=1))


def kernels():
    return [
        {"kind": "dot"},
        {"kind": "cosine"},
        {"kind": "rbf", "width": 0.7},
        {"kind": "laplacian", "width": 1.5},
        {"kind": "polynomial", "offset": 0.5, "degree": 1},
        {"kind": "polynomial", "offset": 1.0, "degree": 2},
        {"kind": "polynomial", "offset": -0.25, "degree": 3},
        {"kind": "student_t", "freedom": 1.0},
        {"kind": "student_t", "freedom": 4.5},
    ]


def kernel_cases(tau):
    found = []
    for kernel in kernels():
        place = " ".join(str(x) for x in kernel.values())
        found.append(case(f"supcon, {place}, tau {tau}", objective(tau), kernel))
        found.append(case(f"supcon_in, {place}, tau {tau}", objective(tau, "in"), kernel))
        found.append(case(f"nt_xent, {place}, tau {tau}", objective(tau, positives="other_view"), kernel))
        found.append(
            case(f"one_positive, in, cap 2, {place}, tau {tau}", objective(tau, "in", denominator="one_positive", cap=2), kernel)
        )
    return found


def views(images, n_views, label_of):
    """Labels and instances of a view-major batch: row = view · images + image."""
    return [label_of(i) for i in range(images)] * n_views, list(range(images)) * n_views


def batches():
    def add(name, dim, rows, cases, columns=None):
        found.append({"name": name, "dim": dim, "rows": rows, "columns": columns, "cases": cases})

    def simple(name, images, n_views, dim, label_of, cases, **options):
        labels, instances = views(images, n_views, label_of)
        add(name, dim, side(images * n_views, dim, labels, instances, **options), cases)

    found = []
    top = 2**32 - 1

    labels = [0, 1, 0, 2]
    simple(
        "4 images, 2 views",
        4, 2, 4, lambda i: labels[i],
        every_switch(0.1, (None, 0, 2)) + named(0.07, raw=True) + named(0.5, caps=(0, 1, 3)) + named(0.01) + named(1.0) + [n_pairs()],
    )
    labels = [0, 1, 1, 3]
    simple("4 images, one view, singletons", 4, 1, 4, lambda i: labels[i], named(0.5) + [n_pairs()])
    simple("one image, two views: no negatives", 1, 2, 3, lambda i: 7, every_switch(0.1))
    simple("one row", 1, 1, 5, lambda i: 3, every_switch(0.1))
    simple("embeddings of length 1", 3, 2, 1, lambda i: [4, 9, 4][i], named(0.1, raw=True) + named(1.0))
    labels = [5, 2, 5, 9, 2, 5, 11]
    simple("one view, some singletons", 7, 1, 5, lambda i: labels[i], every_switch(0.2, (None, 1)) + [n_pairs()])
    labels = [1, 0, 1, 2, 1]
    simple("three views", 5, 3, 7, lambda i: labels[i], every_switch(0.15, (None, 2, 3)), constants=(0.3, 1.9, 0.77, 0.23))
    simple("four views", 9, 4, 11, lambda i: i * i % 4, named(0.1, caps=(1, 3, 5, 7)), constants=(0.5, 2.3, 0.9, 0.31))
    simple("one class", 19, 2, 24, lambda i: 6, named(0.1), constants=(0.2, 1.1, 2.1, 0.17))
    simple("all distinct, labels near 2^32", 21, 2, 9, lambda i: top - i, named(0.1) + four(0.01), constants=(0.9, 1.7, 1.1, 0.19))
    simple("all distinct, one view: nothing valid", 33, 1, 8, lambda i: i, named(0.1, caps=(1,)))
    # Label and image ids that agree in their low 16, 24 and 31 bits.
    labels = [0x80000001, 1, 0x00010001, 0x01000001, top, 0x7FFFFFFF, 1, top]
    spec = side(16, 6, labels * 2, [top - 3 * i for i in range(8)] * 2, (0.4, 1.3, 0.8, 0.21))
    add("ids that agree in low bits", 6, spec, named(0.1) + [n_pairs()])
    labels, instances = views(12, 2, lambda i: i % 3)
    source = [0, 1, 2, 3, 0, 1, 6, 7, 8, 0, 10, 11] + [0, 13, 2, 15, 16, 1, 18, 7, 20, 21, 0, 23]
    add("duplicate rows", 16, side(24, 16, labels, instances, (0.7, 1.5, 1.2, 0.13), source=source), named(0.1) + named(0.01) + four(1.0))
    labels, instances = views(10, 2, lambda i: i % 4)
    add("collapsed: all rows equal", 8, side(20, 8, labels, instances, source=[3] * 20), named(0.1, raw=True))
    spread = (0.25, 1.37, 0.83, 0.29)
    mid = [c for tau in (0.01, 0.05, 0.1, 0.5, 1.0) for c in four(tau)] + named(0.07, raw=True, caps=(1, 3, 8)) + [n_pairs()]
    simple("33 images, 2 views, 5 classes", 33, 2, 64, lambda i: i * 7 % 5, mid, constants=spread)
    # Rows near their class: what training looks like, with small losses.
    labels, instances = views(48, 2, lambda i: i % 10)
    trained = side(96, 32, labels, instances, spread, centre=labels, pull=2.5)
    add("trained: rows near their class", 32, trained, [c for tau in (0.05, 0.1, 0.5) for c in named(tau, caps=(1, 5))])
    labels, instances = views(20, 2, lambda i: i % 4)
    nearly = side(40, 15, labels, instances, spread, centre=[100 + i for i in instances], pull=6.0)
    add("trained without labels: rows near their image", 15, nearly, four(0.01) + four(0.1) + four(0.5))
    simple("67 images, 2 views, d = 129", 67, 2, 129, lambda i: i * i % 11, named(0.1, raw=True, caps=(2, 6)), constants=spread)
    simple("20 images, 2 views, d = 512", 20, 2, 512, lambda i: i % 7, named(0.1, raw=True, caps=(1,)) + four(0.02), constants=spread)
    simple("150 images, 2 views, d = 17", 150, 2, 17, lambda i: i * 13 % 10, named(0.1, caps=(4,)), constants=spread)
    simple("45 images, 1 view, d = 33", 45, 1, 33, lambda i: i * i % 9, [n_pairs()] + named(0.1) + [
        case("n_pairs, in", objective(1.0, "in", cap=1)),
        case("n_pairs with three positives", objective(1.0, cap=3)),
    ], constants=spread)

    labels, instances = views(9, 2, lambda i: i % 3)
    add("kernels, rows of any length", 6, side(18, 6, labels, instances, spread, stretch=0.4), kernel_cases(0.3))
    simple("kernels, unit rows", 25, 2, 40, lambda i: i % 6, kernel_cases(0.1), constants=spread)
    labels, instances = views(6, 2, lambda i: i % 2)
    source = [0, 1, 2, 0, 4, 5, 0, 7, 2, 3, 10, 11]
    add("kernels, duplicate rows", 5, side(12, 5, labels, instances, spread, source=source), kernel_cases(0.5))

    # MoCo: queries against their own keys (same image) and a queue with labels (images of its own).
    labels = [i * i % 5 for i in range(10)]
    queue = side(
        35, 12, labels + [i * 3 % 5 for i in range(25)], list(range(10)) + [1000 + i for i in range(25)],
        (0.6, 0.9, 1.4, 0.27), centre=list(range(10)) + [100 + i for i in range(25)], pull=0.8,
    )
    query = side(10, 12, labels, list(range(10)), (0.6, 0.9, 1.4, 0.27), source=[200 + i for i in range(10)], centre=list(range(10)), pull=0.8)
    add("queue: keys and 25 entries", 12, query, every_switch(0.2, (None, 2)), queue)
    labels = [i * 5 % 7 for i in range(33)]
    queue = side(70, 31, [i % 7 for i in range(70)], list(range(33)) + [top - i for i in range(37)], (0.1, 1.6, 0.7, 0.33))
    add("queue: 33 queries, 70 columns", 31, side(33, 31, labels, list(range(33)), spread), named(0.07, raw=True, caps=(1, 3)), queue)
    queue = side(5, 6, [0, 1, 1, 8, 0], [3, 100, 1, 101, 102], (0.1, 1.6, 0.7, 0.33))
    query = side(9, 6, [0, 1, 2, 0, 1, 3, 0, 2, 9], list(range(9)), spread, stretch=0.2)
    queue_kernels = [case(f"supcon, {' '.join(map(str, k.values()))}", objective(0.2), k) for k in kernels()]
    add("queue: fewer columns than rows, anchors without positives", 6, query, every_switch(0.1, (None, 1)) + queue_kernels, queue)

    # Soft targets.
    labels, instances = views(7, 2, lambda i: i % 3)
    rows = side(14, 5, labels, instances, spread)
    second, share = [(i * 2 + 1) % 3 for i in range(14)], [0.5 + 0.5 * math.sin(1.0 + i) ** 2 for i in range(14)]
    mixed = {"row_second": second, "row_share": share, "column_second": second, "column_share": share}
    times = [0.37 * i + 0.2 * math.sin(i) for i in range(14)]
    add("soft targets", 5, rows, [
        soft_case("one-hot is supcon", 0.1, "same_label"),
        soft_case("mixed labels (GenSCL)", 0.1, "mixed", **mixed),
        soft_case("frames in time", 0.2, "time", scale=0.8, row_time=times, column_time=times),
        soft_case("any weights", 0.07, "sine"),
        soft_case("any weights, rows without", 0.5, "sine", zero_rows=[0, 5, 13]),
        soft_case("nothing", 0.5, "sine", zero_rows=list(range(14))),
        soft_case("any weights, tau 0.01", 0.01, "sine"),
        soft_case("any weights, tau 1", 1.0, "sine"),
    ])
    labels, instances = views(31, 2, lambda i: i % 8)
    times = [0.11 * i for i in range(62)]
    add("soft targets, 62 rows", 37, side(62, 37, labels, instances, spread), [
        soft_case("one-hot is supcon", 0.1, "same_label"),
        soft_case("frames in time", 0.1, "time", scale=1.5, row_time=times, column_time=times),
        soft_case("any weights", 0.1, "sine", zero_rows=[40]),
    ])
    queue = side(23, 5, [i % 3 for i in range(23)], [50 + i for i in range(23)], (0.1, 1.6, 0.7, 0.33))
    add("soft targets, queue", 5, side(11, 5, [i % 4 for i in range(11)], list(range(11)), spread), [
        soft_case("one-hot is supcon", 0.1, "same_label"),
        soft_case("any weights", 0.2, "sine", zero_rows=[2]),
        soft_case("frames in time", 0.2, "time", scale=2.0, row_time=[0.5 * i for i in range(11)], column_time=[0.3 * i for i in range(23)]),
    ], queue)
    return found


def run_batch(batch):
    assert len({c["name"] for c in batch["cases"]}) == len(batch["cases"]), batch["name"]
    checks = {}
    for which in ("rows", "columns"):
        if batch[which] is not None:
            values = [x for row in unit_rows(batch[which], batch["dim"]) for x in row]
            checks[which] = {"first": values[:4], "probe": probe(values)}
    return {**batch, "check": checks, "cases": [run_case(batch, c) for c in batch["cases"]]}


# --- checks against others ------------------------------------------------------------------------


class Differences:
    """Worst relative difference per comparison."""

    def __init__(self):
        self.worst = {}

    def add(self, what, found, expected, scale=None):
        scale = max(abs(expected), 1e-300) if scale is None else scale
        error = abs(found - expected) / scale
        count, worst = self.worst.get(what, (0, 0.0))
        self.worst[what] = (count + 1, max(worst, error))

    def report(self, tolerance):
        for what, (count, worst) in self.worst.items():
            print(f"{'ok ' if worst < tolerance else 'BAD'} {what}: {count} numbers, worst relative difference {worst:.1e}")
        if any(worst >= tolerance for _, worst in self.worst.values()):
            raise SystemExit(1)


def loss_scale(c):
    """Rounding of a difference of logits is relative to the logits, not to a loss near 0."""
    return max(abs(c["loss"]), 1.0 / (c["objective"] or c["soft"])["temperature"])


def check_exact(results, differences):
    """Small batches again in 50 digits, with plain exponentials, sums and logarithms."""
    import mpmath

    mpmath.mp.dps = 50
    for batch in results:
        rows, columns, dim = batch["rows"], batch["columns"], batch["dim"]
        if len(rows["labels"]) * dim > 300:
            continue
        z = [[mpmath.mpf(x) for x in row] for row in unit_rows(rows, dim)]
        keys = z if columns is None else [[mpmath.mpf(x) for x in row] for row in unit_rows(columns, dim)]

        def kernel_value(kernel, a, b):
            dot = mpmath.fsum(x * y for x, y in zip(a, b))
            square = mpmath.fsum((x - y) ** 2 for x, y in zip(a, b))
            kind = kernel["kind"]
            if kind == "dot":
                return dot
            if kind == "cosine":
                return dot / mpmath.sqrt(mpmath.fsum(x * x for x in a) * mpmath.fsum(y * y for y in b))
            if kind == "rbf":
                return -square / (2 * mpmath.mpf(kernel["width"]) ** 2)
            if kind == "laplacian":
                return -mpmath.fsum(abs(x - y) for x, y in zip(a, b)) / mpmath.mpf(kernel["width"])
            if kind == "polynomial":
                return (dot + mpmath.mpf(kernel["offset"])) ** kernel["degree"]
            nu = mpmath.mpf(kernel["freedom"])
            return -(nu + 1) / 2 * mpmath.log(1 + square / nu)

        cache = {}
        for c in batch["cases"]:
            name = json.dumps(c["kernel"])
            if name not in cache:
                cache[name] = [[kernel_value(c["kernel"], a, b) for b in keys] for a in z]
            tau = mpmath.mpf((c["objective"] or c["soft"])["temperature"])
            total, valid = mpmath.mpf(0), 0
            weights = soft_weights(c["soft"], rows, columns) if c["soft"] else None
            for i in range(len(z)):
                e = [mpmath.exp(s / tau) for s in cache[name][i]]
                if c["soft"]:
                    candidates = [j for j in range(len(keys)) if not (columns is None and i == j)]
                    w = [mpmath.mpf(weights[i][j]) for j in candidates]
                    if sum(w) == 0:
                        continue
                    below = mpmath.fsum(e[j] for j in candidates)
                    total -= mpmath.fsum(x * mpmath.log(e[j] / below) for x, j in zip(w, candidates)) / mpmath.fsum(w)
                    valid += 1
                    continue
                o = c["objective"]
                positive, negative = positives_and_negatives(o, rows, columns, i)
                if not positive or (o["denominator"] == "only_negatives" and not negative):
                    continue
                n_sum = mpmath.fsum(e[j] for j in negative)
                p_sum = mpmath.fsum(e[j] for j in positive)
                below = {"all": lambda p: n_sum + p_sum, "one_positive": lambda p: n_sum + e[p], "only_negatives": lambda p: n_sum}
                ratios = [e[p] / below[o["denominator"]](p) for p in positive]
                if o["summation"] == "out":
                    total -= mpmath.fsum(mpmath.log(r) for r in ratios) / len(positive)
                else:
                    total -= mpmath.log(mpmath.fsum(ratios) / len(positive))
                valid += 1
            exact = total / max(valid, 1)
            assert valid == c["valid_anchors"], (batch["name"], c["name"])
            differences.add("mpmath, 50 digits, no logsumexp: loss", c["loss"], float(exact), loss_scale(c))


def check_third_parties(results, differences, supcontrast):
    """Published implementations on the batches they are defined for."""
    from lightly.loss.dcl_loss import DCLLoss
    from lightly.loss.ntx_ent_loss import NTXentLoss as LightlyNTXent
    from pytorch_metric_learning.distances import DotProductSimilarity
    from pytorch_metric_learning.losses import NTXentLoss, SupConLoss
    from pytorch_metric_learning.reducers import MeanReducer

    official = None
    if supcontrast is not None:
        scope = {}
        # One revision (02f458c) adds 1e-9 inside the logarithm, which shows at small temperatures.
        source = pathlib.Path(supcontrast).read_text().replace(" + 1e-9)", ")")
        exec(compile(source, supcontrast, "exec"), scope)
        official = scope["SupConLoss"]

    def leaf(batch):
        return torch.tensor(unit_rows(batch["rows"], batch["dim"]), dtype=torch.float64, requires_grad=True)

    def compare(what, batch, c, value, z, factor=1.0, tangential=False):
        """`factor` turns their number into our nats; their gradient is compared too. Code that
        normalises the rows itself has a gradient without the part along them."""
        differences.add(f"{what}: loss", value.item() * factor, c["loss"], loss_scale(c))
        value.backward()
        gradient = [g * factor for g in z.grad.flatten().tolist()]
        g = c["gradient"]
        if tangential:
            ours = torch.tensor(evaluate(batch, c)[2], dtype=torch.float64).reshape(z.shape)
            unit = z.detach()
            g = describe_gradient((ours - (ours * unit).sum(1, keepdim=True) * unit).flatten().tolist())
        indices = range(len(gradient)) if g["indices"] is None else g["indices"]
        for k, expected in zip(indices, g["values"]):
            differences.add(f"{what}: gradient", gradient[k], expected, max(g["max_abs"], 1e-6))
        differences.add(f"{what}: gradient probe", probe(gradient), g["probe"], max(math.sqrt(g["sum_of_squares"] * len(gradient)), 1e-6))

    for batch in results:
        rows = batch["rows"]
        if batch["columns"] is not None or rows["stretch"] != 0.0:
            continue
        n, labels = len(rows["labels"]), rows["labels"]
        n_views = rows["instances"].count(rows["instances"][0])
        images = n // n_views
        many_classes = len(set(labels)) > 1
        for c in batch["cases"]:
            o = c["objective"]
            if o is None or c["kernel"]["kind"] != "dot":
                continue
            tau = o["temperature"]
            plain = o["candidates"] == "all" and o["positives_cap"] is None
            valid = c["valid_anchors"]
            if valid == 0:
                continue
            by_label = o["positives"] == "same_label"
            if plain and o["summation"] == "out" and o["denominator"] == "all":
                ids = labels if by_label else rows["instances"]
                # PML returns 0 for batches without a negative pair. Its default average leaves out
                # anchors whose loss is 0: those without positives, but also perfect ones.
                if len(set(ids)) > 1:
                    z = leaf(batch)
                    reducer = {"reducer": MeanReducer()} if valid == n else {}
                    loss = SupConLoss(temperature=tau, distance=DotProductSimilarity(normalize_embeddings=False), **reducer)
                    compare("pytorch-metric-learning SupConLoss", batch, c, loss(z, torch.tensor(ids)), z)
                if official is not None and valid == n:
                    z = leaf(batch)
                    features = z.view(n_views, images, -1).transpose(0, 1)
                    value = official(temperature=tau)(features, torch.tensor(labels[:images]) if by_label else None)
                    compare("SupContrast SupConLoss x 0.07/tau", batch, c, value, z, 0.07 / tau)
            if plain and not by_label and n_views == 2 and o["summation"] == "out" and images > 1:
                for denominator, theirs in (("all", LightlyNTXent), ("only_negatives", DCLLoss)):
                    if o["denominator"] == denominator:
                        z = leaf(batch)
                        value = theirs(temperature=tau)(z[:images], z[images:])
                        compare(f"lightly {theirs.__name__}", batch, c, value, z, tangential=True)
            if plain and by_label and many_classes and o["denominator"] == "one_positive" and o["summation"] == "out" and c["anchor_losses"]:
                # PML averages over positive pairs, not over anchors.
                z = leaf(batch)
                value = NTXentLoss(temperature=tau, distance=DotProductSimilarity(normalize_embeddings=False))(z, torch.tensor(labels))
                counts = [len(positives_and_negatives(o, rows, None, i)[0]) for i in range(n)]
                pairs = sum(k * x for k, x in zip(counts, c["anchor_losses"]) if x is not None) / sum(counts)
                differences.add("pytorch-metric-learning NTXentLoss, pairs: loss", value.item(), pairs, loss_scale(c))
            if plain and not by_label and n_views == 2 and o["denominator"] == "all" and o["summation"] == "out" and images > 1:
                z = leaf(batch)
                loss = NTXentLoss(temperature=tau, distance=DotProductSimilarity(normalize_embeddings=False))
                compare("pytorch-metric-learning NTXentLoss", batch, c, loss(z, torch.tensor(rows["instances"])), z)
            if plain and by_label and o["summation"] == "in" and o["denominator"] == "all" and c["anchor_losses"] and valid == n:
                # solo-learn (not on PyPI), its formula: −mean ln(Σ_P e^s / (Σ_P + Σ_N)), L_in less ln|P|.
                z = leaf(batch)
                s = torch.exp(z @ z.T / tau)
                y = torch.tensor(labels)
                same = (y[:, None] == y[None, :]) & ~torch.eye(n, dtype=torch.bool)
                other = y[:, None] != y[None, :]
                p, q = (s * same).sum(1), (s * other).sum(1)
                value = -(torch.log(p / (p + q))).mean()
                counts = [len(positives_and_negatives(o, rows, None, i)[0]) for i in range(n)]
                shift = sum(math.log(k) for k in counts) / n
                differences.add("solo-learn's formula + mean ln|P|: loss", value.item() + shift, c["loss"], loss_scale(c))


def check_closed_forms(results, differences):
    """Identities that hold whatever the embeddings are."""
    by_name = {b["name"]: {c["name"]: c for c in b["cases"]} for b in results}
    collapsed = by_name["collapsed: all rows equal"]
    for name in ("supcon, tau 0.1", "supcon_in, tau 0.1", "nt_xent, tau 0.1"):
        differences.add("collapse = ln 19", collapsed[name]["loss"], math.log(19.0))
    published = by_name["4 images, 2 views"]
    for name, value in (
        ("supcon, tau 0.07", 18.227593522), ("supcon_in, tau 0.07", 15.804458724), ("nt_xent, tau 0.07", 22.420761902),
        ("drop_same_class, tau 0.07", 22.420482096), ("one_positive, tau 0.07", 18.227406986),
        ("supcon, tau 0.5", 3.432834165), ("supcon_in, tau 0.5", 3.283671580), ("nt_xent, tau 0.5", 4.019877738),
        ("drop_same_class, tau 0.5", 3.908368105), ("one_positive, tau 0.5", 3.354258854),
    ):
        differences.add("hand-made table of tests/golden.rs (9 decimals, x 1e-1)", published[name]["loss"], value, 10.0 * abs(value))
    one = by_name["4 images, one view, singletons"]["supcon, tau 0.5"]
    differences.add("hand-made table of tests/golden.rs (9 decimals, x 1e-1)", one["loss"], 0.905838076, 9.05838076)


# --- output ------------------------------------------------------------------------------------


def write(path, results):
    """One batch or case a line: a changed number is a changed line."""
    meta = {
        "generator": "tests/golden/generate.py",
        "python": platform.python_version(),
        "torch": torch.__version__,
        "dtype": "float64",
        "format": 1,
    }
    hashes = [[r, c, pair_hash(r, c)] for r, c in ((0, 0), (0, 1), (1, 0), (7, 300), (300, 7), (65535, 65536), (2**32 - 1, 2**32 - 1))]
    lines = ["{", f'"meta": {json.dumps(meta)},', f'"pair_hash": {json.dumps(hashes)},', '"batches": [']
    for b, batch in enumerate(results):
        head = {k: v for k, v in batch.items() if k != "cases"}
        lines.append(json.dumps(head, separators=(",", ":"))[:-1] + ',"cases":[')
        texts = [json.dumps(c, separators=(",", ":"), allow_nan=False) for c in batch["cases"]]
        lines.extend(t + ("," if k + 1 < len(texts) else "") for k, t in enumerate(texts))
        lines.append("]}" + ("," if b + 1 < len(results) else ""))
    lines += ["]", "}"]
    path.write_text("\n".join(lines) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=pathlib.Path, default=HERE / "losses.json")
    parser.add_argument("--cross-check", action="store_true", help="compare with mpmath, pytorch-metric-learning and lightly")
    parser.add_argument("--supcontrast", help="path of HobbitLong/SupContrast's losses.py, for --cross-check")
    arguments = parser.parse_args()
    results = [run_batch(b) for b in batches()]
    write(arguments.out, results)
    print(f"{len(results)} batches, {sum(len(b['cases']) for b in results)} cases, {arguments.out.stat().st_size} bytes")
    differences = Differences()
    check_closed_forms(results, differences)
    if arguments.cross_check:
        check_exact(results, differences)
        check_third_parties(results, differences, arguments.supcontrast)
    differences.report(1e-9)


if __name__ == "__main__":
    main()
