"""A strict reader of Prometheus's text format 0.0.4: whatever is not allowed by the format, or contradicts itself, is an error."""
import math
import re

METRIC_NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\n"])*)"')
SAMPLE = re.compile(rf"({METRIC_NAME})(?:\{{(.*)\}})? (\S+)")
TYPES = ("counter", "gauge", "histogram", "summary", "untyped")


class FormatError(Exception):
    pass


def require(condition, message):
    if not condition:
        raise FormatError(message)


def read_labels(text):
    labels = {}
    while text:
        found = LABEL.match(text)
        require(found, f"labels: {text!r}")
        name, value = found.groups()
        require(name not in labels, f"label {name} twice")
        require(not name.startswith("__"), f"label {name} is reserved")
        labels[name] = re.sub(r"\\(.)", lambda m: {"n": "\n"}.get(m.group(1), m.group(1)), value)
        text = text[found.end():]
        require(not text or text[0] == ",", f"after a label: {text!r}")
        text = text[1:]
    return labels


def read_number(text):
    if text in ("+Inf", "-Inf", "NaN"):
        return float(text.replace("Inf", "inf"))
    require(re.fullmatch(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", text), f"not a number: {text!r}")
    return float(text)


def family_of(name, families):
    for suffix in ("_bucket", "_sum", "_count"):
        base = name.removesuffix(suffix)
        if base != name and families.get(base, {}).get("type") in ("histogram", "summary"):
            return base
    return name


def read(text):
    """{family: {"type", "help", "samples": [(name, labels, value)]}}"""
    require(text.endswith("\n"), "the last line has no end")
    families, current = {}, None
    seen = set()
    for line in text[:-1].split("\n"):
        require(line and line == line.strip(), f"an empty or padded line: {line!r}")
        if line.startswith("#"):
            found = re.fullmatch(rf"# (HELP|TYPE) ({METRIC_NAME}) (.*)", line)
            require(found, f"a comment that is neither HELP nor TYPE: {line!r}")
            kind, name, rest = found.groups()
            family = families.setdefault(name, {"samples": []})
            require(kind.lower() not in family, f"{kind} of {name} twice")
            require(not family["samples"], f"{kind} of {name} after its samples")
            if kind == "TYPE":
                require(rest in TYPES, f"type {rest!r}")
            require(current in (None, name) or name not in seen, f"{name} comes again")
            seen.add(name)
            family[kind.lower()] = rest
            current = name
            continue
        found = SAMPLE.fullmatch(line)
        require(found, f"not a sample: {line!r}")
        name, labels, value = found.groups()
        base = family_of(name, families)
        require(base == current, f"{name} stands among the samples of {current}")
        family = families[base]
        require("type" in family and "help" in family, f"{base} has no TYPE or HELP")
        family["samples"].append((name, read_labels(labels or ""), read_number(value)))
    for name, family in families.items():
        check_family(name, family)
    return families


def check_family(name, family):
    keys = [(sample, tuple(sorted(labels.items()))) for sample, labels, _ in family["samples"]]
    require(len(keys) == len(set(keys)), f"{name}: two samples with the same labels")
    if family["type"] == "counter":
        require(name.endswith("_total"), f"{name}: counters end in _total")
        for _, _, value in family["samples"]:
            require(value >= 0, f"{name}: a negative counter")
    if family["type"] == "histogram":
        check_histogram(name, family["samples"])


def check_histogram(name, samples):
    series = {}
    for sample, labels, value in samples:
        rest = tuple(sorted((k, v) for k, v in labels.items() if k != "le"))
        one = series.setdefault(rest, {"buckets": []})
        if sample == name + "_bucket":
            require("le" in labels, f"{name}: a bucket without le")
            one["buckets"].append((read_number(labels["le"]), value))
        else:
            require(sample in (name + "_sum", name + "_count"), f"{name}: {sample}")
            one[sample.rsplit("_", 1)[1]] = value
    for labels, one in series.items():
        require("sum" in one and "count" in one, f"{name}{labels}: sum or count is missing")
        bounds = [bound for bound, _ in one["buckets"]]
        counts = [count for _, count in one["buckets"]]
        require(bounds == sorted(set(bounds)) and bounds and math.isinf(bounds[-1]), f"{name}{labels}: bounds {bounds}")
        require(counts == sorted(counts), f"{name}{labels}: buckets fall")
        require(counts[-1] == one["count"], f"{name}{labels}: the last bucket is not the count")


def value_of(families, name, **labels):
    for sample, found, value in families.get(family_of(name, families), {"samples": ()})["samples"]:   # one without samples is left out
        if sample == name and all(found.get(k) == v for k, v in labels.items()):
            return value
    return None
