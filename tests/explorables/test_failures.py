"""What a reader sees where a file is missing or damaged, or without JavaScript."""

import pytest

pytestmark = pytest.mark.site


def _broken(visit, pattern, **response):
    shown = visit()
    shown.page.route(pattern, lambda route: route.fulfill(**response))
    shown.page.goto(f"{shown.address}/half-way.html?half-way.said=skip")
    shown.page.wait_for_selector("[data-state=failed]")
    return shown


@pytest.mark.parametrize(
    ("pattern", "response", "message"),
    [
        ("**/mnist01-vae.bin", {"body": b"1234"}, "weights are 4 bytes long"),
        ("**/mnist01-vae.json", {"body": "{"}, "description is damaged"),
        (
            "**/mnist01-vae.json",
            {"body": '{"format": 99, "weights": {"file": "mnist01-vae.bin"}}'},
            "format 99",
        ),
    ],
)
def test_damaged_files_are_named(visit, pattern, response, message):
    shown = _broken(visit, pattern, **response)
    assert message in shown.text("[role=alert]")


def test_flipped_bits_are_found(visit, site):
    weights = bytearray((site / "assets/explorables/models/mnist01-vae.bin").read_bytes())
    weights[1000] ^= 4
    shown = _broken(visit, "**/mnist01-vae.bin", body=bytes(weights))
    assert "damaged (wrong checksum)" in shown.text("[role=alert]")


def test_a_missing_file_is_named_and_can_be_tried_again(visit):
    shown = visit()
    broken = True

    def answer(route):
        route.fulfill(status=404) if broken else route.fallback()

    shown.page.route("**/mnist01-vae.bin", answer)
    shown.page.goto(f"{shown.address}/half-way.html?half-way.said=skip")
    shown.page.wait_for_selector("[data-state=failed]")
    assert "file mnist01-vae.bin is not there" in shown.text("[role=alert]")
    broken = False
    shown.page.get_by_role("button", name="Try again").click()
    shown.page.wait_for_selector("[data-state=open]")
    expected = "mnist01-vae.bin", "404"
    shown.faults = [fault for fault in shown.faults if not any(e in fault for e in expected)]


@pytest.mark.parametrize("response", [{"status": 404}, {"body": "{"}], ids=["missing", "damaged"])
def test_a_broken_preview_costs_the_preview_alone(visit, response):
    shown = visit()
    shown.page.route("**/half-way.json", lambda route: route.fulfill(**response))
    shown.page.goto(f"{shown.address}/half-way.html?half-way.said=skip")
    shown.page.wait_for_selector("[data-state=open]")
    assert not shown.page.locator(".explorer-preview").count()
    shown.faults = [
        fault for fault in shown.faults if "half-way.json" not in fault and "404" not in fault
    ]


def test_a_missing_script_leaves_the_text(visit):
    shown = visit()
    shown.page.route("**/half_way.js", lambda route: route.fulfill(status=404))
    shown.page.goto(f"{shown.address}/half-way.html")
    shown.page.wait_for_selector("[data-state=failed]")
    assert "Without JavaScript you read this." in shown.text()
    assert "This explorer cannot start." in shown.text()
    shown.faults.clear()


def test_without_javascript(visit):
    shown = visit(java_script_enabled=False)
    shown.page.goto(f"{shown.address}/half-way.html")
    assert "Without JavaScript you read this." in shown.text()
