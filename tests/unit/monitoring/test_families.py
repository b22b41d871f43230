"""The text format, as Prometheus' own parser reads it."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from headstart.monitoring.families import FAMILIES, Sample, text


def test_prometheus_reads_what_was_said() -> None:
    samples = [
        Sample("headstart_step_seconds", ("tickets", "fine_tune"), 30.8),
        Sample("headstart_retrainings_total", ("tickets", "labels", "promoted"), 3),
        Sample("headstart_step_seconds", ("tickets", "evaluate"), 1e-7),
        Sample("headstart_exporter_seconds", (), 0.25),
    ]
    found = {family.name: family for family in text_string_to_metric_families(text(samples))}
    assert found["headstart_step_seconds"].type == "gauge"
    assert found["headstart_retrainings"].type == "counter"
    assert [(each.labels, each.value) for each in found["headstart_step_seconds"].samples] == [
        ({"model": "tickets", "step": "fine_tune"}, 30.8),
        ({"model": "tickets", "step": "evaluate"}, 1e-7),
    ]
    assert found["headstart_exporter_seconds"].samples[0].value == 0.25


@pytest.mark.parametrize("value", ['a"b', "a\\b", "a\nb", "\\n", "é{}=,"])
def test_any_text_may_be_a_label(value: str) -> None:
    (family,) = text_string_to_metric_families(text([Sample("headstart_run_error", ("tickets", value), 1)]))
    assert family.samples[0].labels["code"] == value


def test_a_metric_that_nobody_described_is_none() -> None:
    with pytest.raises(KeyError, match="headstart_else"):
        text([Sample("headstart_else", (), 1)])


def test_names_are_as_prometheus_advises() -> None:
    for name, family in FAMILIES.items():
        assert name.startswith("headstart_")
        assert name.endswith("_total") == (family.type == "counter")
        assert family.help.endswith(".")
        assert ("When" in family.help or "The start" in family.help) <= name.endswith("_timestamp_seconds")
