"""Reads a page of metrics as Prometheus' own client library does, and prints it as JSON.

Usage: metrics_reader.py URL, or - for the standard input.
"""
import json
import sys
import urllib.request

from prometheus_client.parser import text_string_to_metric_families

if sys.argv[1] == "-":
    kind, page = None, sys.stdin.read()
else:
    with urllib.request.urlopen(sys.argv[1], timeout=30) as answer:
        kind, page = answer.headers["Content-Type"], answer.read().decode("utf-8")
samples, types = [], {}
for family in text_string_to_metric_families(page):
    assert family.documentation, family.name
    types[family.name] = family.type
    samples += [{"name": one.name, "labels": one.labels, "value": one.value} for one in family.samples]
print(json.dumps({"content_type": kind, "types": types, "samples": samples}))
