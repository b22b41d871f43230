"""What counts as an image."""

import io
import os
import struct
import tracemalloc
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageFile, TiffImagePlugin

from headstart.labels.images import check as image_check
from headstart.labels.images.check import checked, is_image, starts_as_image
from headstart.labels.sources.files import UnseenImage
from tests.support import shared_data
from tests.support.pictures import chunk, picture, png, square_bomb, tiff
from tests.support.steady import STEADY

FORMS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")


def refused(data: bytes) -> bool:
    """Whether the bytes are refused as an image that cannot be read."""
    try:
        checked(data)
    except UnseenImage as unseen:
        return unseen.reason == "unreadable-image"
    return False


def calls(monkeypatch: pytest.MonkeyPatch, owner: type, name: str) -> list[object]:
    """A list that grows with every call of a method of Pillow, which does what it did."""
    found: list[object] = []
    method = getattr(owner, name)

    def counted(self: object, *given: object, **named: object) -> object:
        found.append(self)
        return method(self, *given, **named)

    monkeypatch.setattr(owner, name, counted)
    return found


@pytest.mark.parametrize("form", FORMS)
def test_images_of_the_known_kinds_are_taken_as_they_are(form: str) -> None:
    data = picture(form=form)
    assert checked(data) is data
    assert starts_as_image(data)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16", "F"])
def test_images_of_any_color_model_are_taken(mode: str) -> None:
    stream = io.BytesIO()
    Image.new(mode, (4, 4)).save(stream, "TIFF")
    assert not refused(stream.getvalue())


def test_a_photo_with_a_second_image_inside_is_a_jpeg_as_well() -> None:
    assert not refused(picture(form="MPO", save_all=True, append_images=[Image.new("RGB", (8, 6))]))


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG", "TIFF"])
def test_of_an_animated_image_or_many_pages_the_first_is_enough(form: str) -> None:
    pages = [Image.new("RGB", (8, 6), (level, 0, 0)) for level in range(50)]
    assert not refused(picture("blue", form, save_all=True, append_images=pages))


@pytest.mark.parametrize("data", [tiff(100_000), tiff(3, last=10)], ids=["a hundred thousand", "endless"])
def test_of_many_pages_one_is_read(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    read = calls(monkeypatch, TiffImagePlugin.ImageFileDirectory_v2, "load")
    assert not refused(data)
    assert len(read) < 10


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP"])
@pytest.mark.parametrize("kept", [0.98, 0.5, 0.1])
def test_an_image_that_is_cut_short_is_refused(form: str, kept: float) -> None:
    stream = io.BytesIO()
    Image.frombytes("RGB", (64, 64), os.urandom(64 * 64 * 3)).save(stream, form)
    data = stream.getvalue()
    assert not refused(data)
    assert refused(data[: int(len(data) * kept)])


def test_a_png_with_a_wrong_checksum_is_refused() -> None:
    data = bytearray(picture())
    data[-18] ^= 0xFF
    assert refused(bytes(data))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no image",
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n(/etc/passwd) (r) file\n%%EOF\n",
        b"%PDF-1.7\n%%EOF\n",
        b"P6 1 1 255\n\0\0\0",  # which Pillow reads, and no labeling tool writes
        b"SIMPLE  =                    T" + b" " * 2850,
        picture(form="ICO"),
        picture(form="TGA"),
        picture(form="EPS"),
        picture(form="PDF"),
    ],
    ids=["empty", "text", "svg", "eps", "pdf", "ppm", "fits", "ico", "tga", "eps that is an image", "pdf of an image"],
)
def test_what_is_of_no_known_kind_is_refused(data: bytes) -> None:
    assert refused(data)


def test_an_eps_image_starts_no_ghostscript(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    ghost = tmp_path / "gs"
    ghost.write_text(f"#!/bin/sh\ntouch {tmp_path}/started\n")
    ghost.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert refused(picture(form="EPS"))
    assert not (tmp_path / "started").exists()


def test_more_pixels_than_the_most_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_check, "MOST_PIXELS", 100)
    assert not refused(picture(size=(10, 10)))
    assert refused(picture(size=(101, 1)))


@pytest.mark.parametrize("side", [7_100, 10_000, 20_000])
def test_a_png_bomb_is_refused_before_it_is_unpacked(side: int, monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = square_bomb(side)
    assert len(bomb) < 1_000_000
    unpacked = calls(monkeypatch, ImageFile.ImageFile, "load")
    assert refused(bomb)
    assert not unpacked


def test_a_png_that_holds_less_than_it_says_is_refused() -> None:
    assert refused(png(10, 100, chunk(b"IDAT", zlib.compress(bytes(500)))))


def test_a_png_that_holds_more_than_it_says_is_not_unpacked_further() -> None:
    bomb = png(10, 10, chunk(b"IDAT", zlib.compress(bytes(50_000_000), 9)))
    tracemalloc.start()
    refused(bomb)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 1_000_000


def test_a_bomb_in_a_png_s_comment_is_refused() -> None:
    text = b"Comment\0\0" + zlib.compress(bytes(100_000_000), 9)
    assert refused(png(1, 1, chunk(b"zTXt", text), chunk(b"IDAT", zlib.compress(b"\0\0"))))


@pytest.mark.parametrize("sides", [(0xFFFF, 0xFFFF), (30_000, 30_000)])
def test_a_jpeg_that_says_it_is_huge_is_refused(sides: tuple[int, int]) -> None:
    data = bytearray(picture(form="JPEG"))
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = struct.pack(">HH", *sides)
    assert refused(bytes(data))


def test_a_gif_whose_frame_is_larger_than_it_says_is_refused() -> None:
    data = bytearray(picture(form="GIF"))
    at = data.index(b",", 13)
    data[at + 5 : at + 9] = struct.pack("<HH", 0xFFFF, 0xFFFF)
    assert refused(bytes(data))


def test_a_jpeg_of_endless_scans_is_refused_before_it_is_painted(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.BytesIO()
    Image.new("L", (2_000, 2_000)).save(stream, "JPEG", progressive=True)
    data = stream.getvalue()
    assert not refused(data)
    scan = data[data.rindex(b"\xff\xda") : -2]
    painted = calls(monkeypatch, ImageFile.ImageFile, "load")
    assert refused(data[:-2] + scan * 1_000 + data[-2:])
    assert not painted


def test_more_bytes_than_the_most_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    data = picture()
    monkeypatch.setattr(image_check, "MOST_BYTES", len(data))
    assert not refused(data)
    assert refused(data + b"\0")


def test_odd_metadata_is_no_fault() -> None:
    exif = Image.Exif()
    exif[0x010E] = "a description"
    data = picture(form="JPEG", exif=exif)
    at = data.index(b"Exif")
    assert not refused(data[: at + 10] + b"\xff" * 8 + data[at + 18 :])


@STEADY
@given(st.sampled_from(FORMS), st.integers(0, 2**31), st.binary(min_size=1, max_size=40), st.floats(0, 1))
def test_damaged_images_are_refused_or_taken_and_nothing_else(form: str, seed: int, junk: bytes, kept: float) -> None:
    data = bytearray(picture(form=form))
    at = seed % len(data)
    data[at : at + len(junk)] = junk
    refused(bytes(data[: int(len(data) * kept) + 1]))


@STEADY
@given(st.binary(max_size=200))
def test_random_bytes_are_refused(data: bytes) -> None:
    assert refused(data)


@pytest.mark.parametrize("name", ["1.jpg", "a/b.JPEG", "x.y.png", "photo.webp", "scan.TIF", "iphone.heic", "logo.svg"])
def test_an_image_is_told_by_its_name(name: str) -> None:
    assert is_image(name)


@pytest.mark.parametrize("name", ["jpg", "labels.json", "1.jpg.txt", "png/readme", "a.jpgx", ""])
def test_other_names_are_no_image_s(name: str) -> None:
    assert not is_image(name)


def test_photos_of_clothes_are_images() -> None:
    folder = shared_data.folder("clothing_small_160")
    for path in sorted(folder.rglob("*.jpg"))[::37]:
        assert not refused(path.read_bytes()), path
