"""What tests look for in a page: that it is whole and needs nothing, and what it says."""

from html.parser import HTMLParser

_VOID = {"meta", "img", "br", "wbr", "line", "circle", "polyline", "polygon", "rect"}
_INLINE = {"bdi", "code", "mark", "span", "strong", "wbr"}


class _Checker(HTMLParser):
    """Collects the elements and the text, and complains when elements do not nest."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.text.append("" if tag in _INLINE else " ")
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self.text.append("" if tag in _INLINE else " ")
        if tag not in _VOID:
            assert self.open.pop() == tag, f"</{tag}> does not close what is open"

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.text.append(data)


def assert_is_self_contained(page: str) -> None:
    """Elements nest, nothing runs, and nothing is asked for from outside."""
    checker = _checked(page)
    assert not [tag for tag, _ in checker.elements if tag in ("script", "link", "iframe", "img", "object")]
    for _, attributes in checker.elements:
        assert not {"src", "href", "xlink:href"} & attributes.keys()
        assert not [name for name in attributes if name.startswith("on")]


def text_of(page: str) -> str:
    """All that the page says, each white space a blank; no-break spaces stay."""
    said = "".join(_checked(page).text)
    return " ".join(each for each in said.replace("\r", " ").replace("\n", " ").replace("\t", " ").split(" ") if each)


def _checked(page: str) -> _Checker:
    checker = _Checker()
    checker.feed(page)
    assert checker.open == []
    return checker
