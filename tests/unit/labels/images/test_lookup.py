"""Finding the images that records name, and nothing that only looks like one."""

import base64
import contextlib
import os
import socket
import tracemalloc
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headstart.adapters import hosts
from headstart.labels.images import check as image_check
from headstart.labels.images import lookup as images
from headstart.labels.images import names as image_names
from headstart.labels.images.lookup import Images, first_of
from headstart.labels.sources.files import UnseenImage
from headstart.store import open_store
from tests.support.pictures import picture, picture_file, square_bomb
from tests.support.steady import STEADY
from tests.support.unprivileged import open_folder, unprivileged
from tests.support.web import body, chunked, moved, raw, site, status

RED, BLUE = picture("red"), picture("blue")


def base(data: bytes) -> str:
    return base64.b64encode(data).decode()


@pytest.fixture
def inside(tmp_path: Path) -> Path:
    """A folder with a red image, beside a secret one that is blue."""
    picture_file(tmp_path / "export" / "images" / "1.png", "red")
    picture_file(tmp_path / "secret" / "1.png", "blue")
    return tmp_path / "export"


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy, and this machine may be asked as ``localhost``."""
    monkeypatch.setenv(hosts.ALLOW, "localhost")
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def reason(look: Images, reference: str) -> str:
    """Why there is no image."""
    with pytest.raises(UnseenImage) as caught:
        look(reference)
    return caught.value.reason


# Where images are found.


@pytest.mark.parametrize(
    "reference",
    [
        "images/1.png",
        "./images/1.png",
        "images//1.png",
        "images\\1.png",
        ".\\images\\1.png",
        "images%2F1.png",
        "images/%31.png",
        "images%5C1.png",
        "images/../images/1.png",
    ],
)
def test_a_relative_path_is_found_however_it_is_spelt(inside: Path, reference: str) -> None:
    assert Images(inside)(reference) == RED


@pytest.mark.parametrize("name", ["50% off.png", "a%20b.png", "back\\slash.png", "größe 1.png", "a?b#c.png", "-1.png"])
def test_a_name_that_stands_as_it_is_is_taken_first(tmp_path: Path, name: str) -> None:
    data = picture_file(tmp_path / name)
    assert Images(tmp_path)(name) == data
    assert Images(tmp_path)(quote(name)) == data


def test_an_absolute_path_is_found_inside_the_folder_alone(inside: Path) -> None:
    assert Images(inside)(str(inside / "images" / "1.png")) == RED
    assert reason(Images(inside), str(inside.parent / "secret" / "1.png")) == "no-image"


def test_a_file_uri_is_an_absolute_path(inside: Path) -> None:
    assert Images(inside)((inside / "images" / "1.png").as_uri()) == RED
    assert Images(inside)(f"file://localhost{inside}/images/%31.png") == RED
    assert reason(Images(inside), (inside.parent / "secret" / "1.png").as_uri()) == "no-image"
    assert reason(Images(inside), f"file://elsewhere{inside}/images/1.png") == "no-image"


def test_the_root_takes_the_folder_s_place(inside: Path) -> None:
    root = inside.parent / "secret"
    assert Images(inside, str(root))("1.png") == BLUE
    assert Images(inside, root.as_uri())("1.png") == BLUE
    assert reason(Images(inside, str(root)), "images/1.png") == "no-image"
    assert reason(Images(inside, str(root)), str(inside / "images" / "1.png")) == "no-image"


def test_images_may_lie_beside_the_folder_of_the_file(inside: Path) -> None:
    deep = inside / "annotations" / "train"
    deep.mkdir(parents=True)
    assert Images(deep, top=inside)("images/1.png") == RED
    assert Images(deep, top=inside)("../../images/1.png") == RED
    assert reason(Images(deep), "images/1.png") == "no-image"
    assert reason(Images(deep, top=inside), "../../../secret/1.png") == "no-image"
    assert reason(Images(deep, top=inside), "secret/1.png") == "no-image"


def test_a_link_inside_the_folder_is_followed(inside: Path) -> None:
    (inside / "first.png").symlink_to("images/1.png")
    (inside / "photos").symlink_to(inside / "images")
    assert Images(inside)("first.png") == RED
    assert Images(inside)("photos/1.png") == RED


def test_the_folder_itself_may_be_a_link(inside: Path) -> None:
    link = inside.parent / "latest"
    link.symlink_to(inside)
    assert Images(link)("images/1.png") == RED
    assert Images(link)(str(link / "images" / "1.png")) == RED
    assert Images(link)(str(inside / "images" / "1.png")) == RED


def test_a_cache_s_links_lead_to_its_blobs_and_nowhere_else(inside: Path) -> None:
    blobs, snapshot = inside.parent / "blobs", inside.parent / "snapshots" / "abc"
    picture_file(blobs / "123", "green")
    snapshot.mkdir(parents=True)
    (snapshot / "1.png").symlink_to("../../blobs/123")
    (snapshot / "2.png").symlink_to("../../secret/1.png")
    assert Images(snapshot, links=blobs)("1.png") == picture("green")
    assert reason(Images(snapshot), "1.png") == "no-image"
    assert reason(Images(snapshot, links=blobs), "2.png") == "no-image"


# What leads elsewhere.


@pytest.mark.parametrize(
    "reference",
    [
        "../secret/1.png",
        "images/../../secret/1.png",
        "..\\secret\\1.png",
        "%2e%2e/secret/1.png",
        "..%2fsecret%2f1.png",
        "%2e%2e%5csecret%5c1.png",
        "images/./.././../secret/1.png",
        "{above}/secret/1.png",
        "{above}/export/../secret/1.png",
        "{above}//secret/1.png",
        "file://{above}/secret/1.png",
        "file://{above}/export/../secret/1.png",
        "file://{above}/export/%2e%2e/secret/1.png",
        "FILE://{above}/secret/1.png",
        "/data/local-files/?d=../secret/1.png",
        "/data/local-files/?d=%2e%2e/secret/1.png",
        "/data/local-files/?d={above}/secret/1.png",
        "/data/upload/../secret/1.png",
        "/data/upload/1/..%2f..%2fsecret%2f1.png",
        "upload/1/..\\..\\secret\\1.png",
        "/storage-data/uploaded/?filepath=../secret/1.png",
        "/storage-data/uploaded/?filepath=upload/1/..%2f..%2fsecret%2f1.png",
        "~/secret/1.png",
    ],
)
def test_no_way_leads_out_of_the_folder(inside: Path, reference: str) -> None:
    assert reason(Images(inside), reference.format(above=inside.parent)) == "no-image"
    assert reason(Images(inside.parent / "other", str(inside)), reference.format(above=inside.parent)) == "no-image"


def test_percent_signs_are_decoded_once(inside: Path) -> None:
    assert reason(Images(inside), "%252e%252e/secret/1.png") == "no-image"
    assert reason(Images(inside), "images/%2531.png") == "no-image"


@pytest.mark.parametrize("target", ["../secret/1.png", "{above}/secret/1.png", "/proc/self/exe", "/dev/zero"])
def test_a_link_out_of_the_folder_is_refused(inside: Path, target: str) -> None:
    (inside / "link.png").symlink_to(target.format(above=inside.parent))
    assert reason(Images(inside), "link.png") == "no-image"


def test_a_linked_folder_out_of_the_folder_is_refused(inside: Path) -> None:
    (inside / "more").symlink_to("../secret")
    (inside / "again").symlink_to("more")
    assert reason(Images(inside), "more/1.png") == "no-image"
    assert reason(Images(inside), "again/1.png") == "no-image"
    assert reason(Images(inside), "more/../secret/1.png") == "no-image"  # as the system resolves it


def test_a_link_that_leads_to_itself_is_refused(inside: Path) -> None:
    (inside / "loop.png").symlink_to("loop.png")
    assert reason(Images(inside), "loop.png") == "no-image"


@pytest.mark.parametrize("swapped", ["images", "images/1.png"])
def test_a_link_that_is_put_in_place_meanwhile_is_not_followed(
    inside: Path, monkeypatch: pytest.MonkeyPatch, swapped: str
) -> None:
    resolved = os.path.realpath

    def swapping(path: str) -> str:
        found = resolved(path)
        if found.endswith("1.png"):
            (inside / swapped).rename(inside / "moved")
            (inside / swapped).symlink_to(inside.parent / "secret" / swapped.removeprefix("images").lstrip("/"))
        return found

    monkeypatch.setattr(os.path, "realpath", swapping)
    assert reason(Images(inside), "images/1.png") == "no-image"
    assert (inside / "images" / "1.png").read_bytes() == BLUE


@pytest.mark.parametrize(
    "reference",
    ["/etc/passwd", "/proc/self/environ", "/proc/self/root/etc/passwd", "/dev/zero", "/dev/stdin", "/dev/tty", "/"],
)
def test_files_of_the_system_are_out_of_reach(inside: Path, reference: str) -> None:
    assert reason(Images(inside), reference) == "no-image"
    assert reason(Images(inside), f"file://{reference}") == "no-image"


def test_a_folder_is_no_image(inside: Path) -> None:
    for reference in ("images", "images/", ".", "./", "", "..", "images/.."):
        assert reason(Images(inside), reference) == "no-image"


def test_a_pipe_does_not_hang(inside: Path) -> None:
    os.mkfifo(inside / "pipe.png")
    assert reason(Images(inside), "pipe.png") == "no-image"
    assert reason(Images(inside), "pipe.png/1.png") == "no-image"


def test_a_socket_and_devices_are_no_images(inside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(inside)
    with socket.socket(socket.AF_UNIX) as door:
        door.bind("door.png")
        assert reason(Images(inside), "door.png") == "no-image"
    for name in ("zero", "full", "null", "random"):  # even where the user said so
        assert reason(Images(inside, "/dev"), name) == "no-image"


def test_files_of_proc_are_no_images_even_where_the_user_said_so(inside: Path) -> None:
    assert reason(Images(inside, "/proc/self"), "environ") == "unreadable-image"
    assert reason(Images(inside, "/proc/self"), f"root{inside}/images/1.png") == "no-image"


@pytest.mark.parametrize(
    "reference",
    ["\0", "images/1.png\0.jpg", "images/1.png%00", "a" * 300, "a/" * 3000, "\ud800.png", "\n", "C:\\images\\1.png"],
)
def test_what_can_be_no_name_is_no_image(inside: Path, reference: str) -> None:
    assert reason(Images(inside), reference) == "no-image"


def test_an_image_that_may_not_be_read_is_no_image() -> None:
    with open_folder() as folder:
        picture_file(folder / "1.png")
        (folder / "1.png").chmod(0)
        with unprivileged():
            assert reason(Images(folder), "1.png") == "no-image"


def test_a_file_that_is_no_image_is_unreadable(inside: Path) -> None:
    (inside / "images" / "2.png").write_bytes(RED[:-20])
    (inside / "images" / "bomb.png").write_bytes(square_bomb(8_000))
    assert reason(Images(inside), "images/2.png") == "unreadable-image"
    assert reason(Images(inside), "images/bomb.png") == "unreadable-image"


def test_a_file_that_is_too_large_is_not_read_whole(inside: Path) -> None:
    with (inside / "huge.png").open("wb") as stream:
        stream.truncate(1 << 40)  # a hole, which takes no space
    tracemalloc.start()
    assert reason(Images(inside), "huge.png") == "unreadable-image"
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 2 * image_check.MOST_BYTES


@STEADY
@given(
    st.lists(
        st.sampled_from(["..", ".", "images", "secret", "1.png", "/", "\\", "%2e%2e", "%2f", "file://", "", "link"]),
        max_size=8,
    )
)
def test_no_path_at_all_leads_to_the_secret(tmp_path: Path, parts: list[str]) -> None:
    export = tmp_path / "export"
    if not export.exists():
        picture_file(export / "images" / "1.png", "red")
        picture_file(tmp_path / "secret" / "1.png", "blue")
        (export / "link").symlink_to("../secret")
    for reference in ("/".join(parts), "".join(parts), f"{tmp_path}/{'/'.join(parts)}"):
        with contextlib.suppress(UnseenImage):
            assert Images(export)(reference) == RED


# Images that are their own reference.


@pytest.mark.parametrize(
    "head",
    ["data:image/png;base64,", "data:image/jpeg;base64,", "DATA:image/png;charset=utf-8;BASE64,", "data:;base64,", ""],
)
def test_an_image_may_stand_in_the_record_itself(inside: Path, head: str) -> None:
    assert Images(inside)(head + base(BLUE)) == BLUE


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF"])
def test_bare_base64_is_told_from_a_path(inside: Path, form: str) -> None:
    data = picture(form=form, size=(40, 40))
    assert Images(inside)(base(data)) == data
    lines = base64.encodebytes(data).decode()
    assert Images(inside)(lines) == data
    assert Images(inside)(lines.replace("\n", "\r\n")) == data


def test_a_path_that_looks_like_base64_is_a_path(inside: Path) -> None:
    name = "/9j/" + "a" * 60 + "/1.png"
    picture_file(inside / "9j" / ("a" * 60) / "1.png", "green")
    assert Images(inside)(name[1:]) == picture("green")
    assert image_names.contained(name) is None


def test_a_data_uri_may_be_escaped(inside: Path) -> None:
    assert Images(inside)("data:image/png;base64," + quote(base(BLUE), safe="")) == BLUE


@pytest.mark.parametrize(
    "reference",
    [
        "data:",
        "data:image/png;base64",
        "data:image/png;base64,",
        "data:image/png;base64,%%%",
        "data:image/png;base64,AAAA",
        "data:image/png," + base(RED),
        "data:image/png;base64," + base(RED)[:-7],
        "data:image/png;base64," + base(RED[:-20]),
        "data:image/png;base64," + base(square_bomb(8_000)),
        "data:image/svg+xml;base64," + base(b'<svg xmlns="http://www.w3.org/2000/svg"/>'),
        "data:image/svg+xml;utf8,<svg xmlns='http://www.w3.org/2000/svg'/>",
        "data:application/postscript;base64," + base(picture(form="EPS")),
        "data:text/html;base64," + base(b"<script>alert(1)</script>"),
        "data:image/png;base64,é" + base(RED),
        "data:image/png;base64,\ud800",
        base(RED)[:90] + "*" + base(RED)[90:],
        base(square_bomb(8_000)),
    ],
)
def test_data_that_is_no_image_is_unreadable(inside: Path, reference: str) -> None:
    assert reason(Images(inside), reference) == "unreadable-image"


def test_data_that_is_too_long_is_not_decoded(inside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base64, "b64decode", lambda *_, **__: pytest.fail("it was decoded"))
    too_long = "A" * (image_names._LONGEST_IMAGE + 1)
    assert reason(Images(inside), f"data:image/png;base64,{too_long}") == "unreadable-image"


# Label Studio.


@pytest.mark.parametrize("server", ["", "http://localhost:1", "https://labels.example.com/label_studio"])
@pytest.mark.parametrize(
    "lies",
    ["upload/3/0a1b2c3d-my_cat.png", "3/0a1b2c3d-my_cat.png", "0a1b2c3d-my_cat.png", "my_cat.png"],
)
def test_an_upload_to_label_studio_is_found(tmp_path: Path, server: str, lies: str) -> None:
    data = picture_file(tmp_path / lies)
    assert Images(tmp_path / "exports", str(tmp_path))(f"{server}/data/upload/3/0a1b2c3d-my_cat.png") == data


@pytest.mark.parametrize(
    "reference",
    [
        "upload/3/0a1b2c3d-my%20cat.png",
        "/upload/3/0a1b2c3d-my cat.png",
        "..\\..\\label-studio\\media\\upload\\3\\0a1b2c3d-my cat.png",
    ]
    + [f"/storage-data/uploaded{slash}?filepath=upload/3/0a1b2c3d-my%20cat.png" for slash in ("", "/")],
)
def test_uploads_have_other_names_in_snapshots(tmp_path: Path, reference: str) -> None:
    data = picture_file(tmp_path / "upload" / "3" / "0a1b2c3d-my cat.png")
    assert Images(tmp_path)(reference) == data


def test_a_name_without_label_studio_s_prefix_is_left_whole(tmp_path: Path) -> None:
    picture_file(tmp_path / "cat.png")
    assert reason(Images(tmp_path), "/data/upload/3/deadbeef-x-cat.png") == "no-image"
    assert reason(Images(tmp_path), "/data/upload/3/summer01-cat.png") == "no-image"


@pytest.mark.parametrize(
    "reference",
    [
        "/data/local-files/?d=photos/a b+c.png",
        "/data/local-files?d=photos/a%20b%2Bc.png",
        "/label_studio/data/local-files/?d=photos%2Fa%20b%2bc.png",
        "http://localhost:1/data/local-files/?d=photos\\a b+c.png",
        "/data/local-files/?storage=7&d=photos/a%20b%2Bc.png",
        "/data/local-files/?d=/photos/a b+c.png",
    ],
)
def test_a_local_file_of_label_studio_lies_under_the_root(tmp_path: Path, reference: str) -> None:
    data = picture_file(tmp_path / "photos" / "a b+c.png")
    assert Images(tmp_path)(reference) == data


def test_a_local_file_of_a_label_studio_that_serves_the_whole_machine(tmp_path: Path) -> None:
    data = picture_file(tmp_path / "photos" / "1.png")
    assert Images(tmp_path)(f"/data/local-files/?d={str(tmp_path).lstrip('/')}/photos/1.png") == data


# Object stores.


@pytest.fixture
def bucket(request: pytest.FixtureRequest) -> str:
    """A store in memory with a red image under images/, and a blue one elsewhere in the same bucket."""
    uri = f"memory://{request.node.name}"
    store = open_store(uri)
    store.put("images/a/1.png", RED)
    store.put("images-of-others/1.png", BLUE)
    store.put("secret.png", BLUE)
    return uri


def test_a_relative_path_is_found_in_a_store(inside: Path, bucket: str) -> None:
    store = open_store(f"{bucket}")
    assert store.get("images/a/1.png") == RED
    look = Images(inside, bucket)
    for reference in ("images/a/1.png", "./images/a/1.png", "images\\a\\1.png", "images/a/%31.png"):
        assert look(reference) == RED
    assert reason(look, "images/1.png") == "no-image"  # which the folder has


def test_a_store_s_uri_is_read_under_the_root_alone(inside: Path, bucket: str) -> None:
    look = Images(inside, bucket)
    assert look(f"{bucket}/images/a/1.png") == RED
    for elsewhere in ("memory://other/images/a/1.png", "s3://bucket/images/a/1.png", f"{bucket}x/images/a/1.png"):
        assert reason(look, elsewhere) == "no-image"
    assert reason(look, f"{bucket}/images/a/../../../other/1.png") == "no-image"


def test_without_a_root_in_a_store_no_store_is_asked(inside: Path, bucket: str) -> None:
    for root in (None, str(inside)):
        assert reason(Images(inside, root), f"{bucket}/images/a/1.png") == "no-image"
        assert reason(Images(inside, root), "s3://bucket/images/a/1.png") == "no-image"
        assert reason(Images(inside, root), "gs://bucket/images/a/1.png") == "no-image"


@pytest.mark.parametrize(
    "reference",
    [
        "../secret.png",
        "/secret.png",
        "..\\secret.png",
        "%2e%2e/secret.png",
        "a/../../secret.png",
        "",
        ".",
        "/",
        "images/",
    ],
)
def test_no_way_leads_out_of_a_prefix(inside: Path, reference: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    class Recorder:
        uri = "s3://bucket/images"

        def stat(self, key: str) -> None:
            asked.append(key)

    monkeypatch.setattr(images, "open_store", lambda uri: Recorder())
    look = Images(inside, "s3://bucket/images")
    assert reason(look, reference) == "no-image"
    assert reason(look, f"s3://bucket/images/{reference}") == "no-image"
    assert reason(look, "s3://bucket/images-of-others/1.png") == "no-image"
    assert not [key for key in asked if ".." in key or key.startswith("/")]


def test_an_object_that_is_too_large_is_not_fetched(inside: Path, bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    open_store(bucket).put("large.png", RED + bytes(100))
    monkeypatch.setattr(images, "MOST_BYTES", len(RED) + 50)
    monkeypatch.setattr(type(open_store(bucket)), "get", lambda *_: pytest.fail("it was fetched"))
    assert reason(Images(inside, bucket), "large.png") == "unreadable-image"


def test_a_store_is_opened_only_where_a_file_is_looked_for(inside: Path) -> None:
    assert Images(inside, "s3://bucket-that-nobody-has/images")("data:image/png;base64," + base(RED)) == RED


# The web.


def test_an_image_is_fetched_from_the_web(inside: Path) -> None:
    with site({"/a%20b.png?key=1": body(BLUE), "/moved": moved("/c.png"), "/c.png": chunked(RED[:9], RED[9:])}) as here:
        assert Images(inside)(f"{here.url}/a b.png?key=1") == BLUE
        assert Images(inside)(f"{here.url}/moved") == RED


def test_an_address_that_gives_no_file_is_no_image(inside: Path) -> None:
    pages = {"/gone": status(404), "/secret": status(403), "/cut": chunked(RED, end=False), "/loop": moved("/loop")}
    with site(pages) as here:
        for path in (*pages, "/unknown"):
            assert reason(Images(inside), here.url + path) == "no-image"
    assert reason(Images(inside), here.url) == "no-image"  # where nobody answers


@pytest.mark.parametrize(
    "address", ["http://", "http://[", "https://user:password@localhost/1.png", "http://a b/1.png"]
)
def test_what_is_no_address_is_no_image(inside: Path, address: str) -> None:
    assert reason(Images(inside), address) == "no-image"


def test_a_host_of_the_inner_network_is_not_asked(inside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(hosts.ALLOW)
    with site({"/1.png": body(RED), "/latest/meta-data/": body(RED)}) as here:
        assert reason(Images(inside), f"{here.url}/1.png") == "no-image"
        assert reason(Images(inside), f"{here.url.replace('localhost', '127.0.0.1')}/1.png") == "no-image"
        assert reason(Images(inside), "http://169.254.169.254/latest/meta-data/") == "no-image"
    assert here.asked == []


def test_a_page_of_the_web_that_is_no_image_is_unreadable(inside: Path) -> None:
    with site({"/page": body(b"<html>"), "/eps": body(picture(form="EPS"))}) as here:
        for path in ("/page", "/eps"):
            assert reason(Images(inside), here.url + path) == "unreadable-image"


def test_an_image_of_the_web_that_is_too_large_is_not_fetched_whole(
    inside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(images, "MOST_BYTES", 1 << 16)
    endless = chunked(*[bytes(1 << 15)] * 100, end=False)
    with site({"/said": body(bytes(1 << 20)), "/unsaid": endless}) as here:
        assert reason(Images(inside), f"{here.url}/said") == "unreadable-image"
        assert reason(Images(inside), f"{here.url}/unsaid") == "unreadable-image"


def test_an_image_that_comes_too_slowly_is_no_image(inside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "_SECONDS", 0.2)
    slow = raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", wait=0.05, then=bytes(1000))
    with site({"/slow": slow}) as here:
        assert reason(Images(inside), f"{here.url}/slow") == "no-image"


def test_a_host_that_fails_for_too_long_is_asked_no_more(inside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "_PATIENCE", 0.0)
    with site({"/1.png": body(RED)}) as here, site({"/1.png": body(RED)}) as other:
        look = Images(inside)
        assert look(f"{here.url}/1.png") == RED
        assert reason(look, f"{here.url}/2.png") == "no-image"
        assert reason(look, f"{here.url}/1.png") == "no-image"
        assert look(f"{other.url}/1.png") == RED
    assert here.asked == ["/1.png", "/2.png"]


def test_an_answer_makes_up_for_what_failed(inside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with site({"/1.png": body(RED)}) as here:
        look = Images(inside)
        assert reason(look, f"{here.url}/2.png") == "no-image"
        assert look(f"{here.url}/1.png") == RED
        monkeypatch.setattr(images, "_PATIENCE", 0.0)
        assert look(f"{here.url}/1.png") == RED


# Several references.


def test_the_first_of_several_images_is_taken(inside: Path) -> None:
    assert first_of(Images(inside), ["1.png", "images/1.png", "images/2.png"]) == RED


def test_an_image_that_is_there_and_damaged_is_no_reason_to_look_on(inside: Path) -> None:
    (inside / "1.png").write_bytes(b"damaged")
    with pytest.raises(UnseenImage, match="unreadable-image"):
        first_of(Images(inside), ["1.png", "images/1.png"])
    with pytest.raises(UnseenImage, match="no-image"):
        first_of(Images(inside), ["2.png", "images/2.png"])


@STEADY
@given(st.text(max_size=30) | st.text("%.\\/:?=d&data-uploc", max_size=60))
def test_any_reference_gives_an_image_or_a_reason(tmp_path: Path, reference: str) -> None:
    if not image_names.is_on_the_web(reference):
        assert reason(Images(tmp_path), reference) in ("no-image", "unreadable-image")
