// Measures of the page that a person would see, for tests: each unfolds everything first, and gives JSON data.
(() => {
  document.querySelectorAll("details").forEach((each) => (each.open = true));

  const ancestors = (element) => {
    const found = [];
    for (let each = element; each; each = each.parentElement) found.push(each);
    return found;
  };
  // Whether what sticks out of the element is meant to: it scrolls, or ends in an ellipsis.
  const contains = (element) => {
    const style = getComputedStyle(element);
    return ["auto", "scroll"].includes(style.overflowX) || style.textOverflow === "ellipsis";
  };
  const named = (element) => `<${element.localName}> ${(element.textContent || "").trim().slice(0, 60)}`;

  // Every run of text that is drawn, and the boxes of its lines, less what is cut off around them.
  const texts = () => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    while (walker.nextNode()) {
      const node = walker.currentNode;
      if (!node.data.trim() || !node.parentElement.checkVisibility()) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const cutting = ancestors(node.parentElement)
        .filter((each) => each !== document.body && getComputedStyle(each).overflowX !== "visible" && !(each instanceof SVGElement))
        .map((each) => each.getBoundingClientRect());
      const boxes = [...range.getClientRects()]
        .map((box) => ({
          left: Math.max(box.left, ...cutting.map((each) => each.left)),
          right: Math.min(box.right, ...cutting.map((each) => each.right)),
          top: Math.max(box.top, ...cutting.map((each) => each.top)),
          bottom: Math.min(box.bottom, ...cutting.map((each) => each.bottom)),
        }))
        .filter((box) => box.right - box.left > 1 && box.bottom - box.top > 1);
      if (boxes.length) found.push({ text: node.data.trim(), element: node.parentElement, boxes });
    }
    return found;
  };

  // [red, green, blue, alpha] of a computed colour.
  const parsed = (colour) => {
    if (!colour.startsWith("rgb")) throw Error(`cannot read the colour ${colour}`);
    const numbers = colour.match(/[\d.]+/g).map(Number);
    return numbers.length < 4 ? [...numbers, 1] : numbers;
  };
  const over = (above, below) => below.map((value, index) => above[3] * above[index] + (1 - above[3]) * value);
  const backdrop = (element) =>
    ancestors(element)
      .map((each) => parsed(getComputedStyle(each).backgroundColor))
      .reverse()
      .reduce((below, above) => over(above, below), [255, 255, 255]);
  const luminance = (colour) => {
    const [red, green, blue] = colour.map((value) => (value <= 10.31 ? value / 3294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };

  return {
    // Whatever sticks out of the window, unless it lies in a box that is made for that.
    tooWide() {
      const room = document.documentElement.clientWidth;
      const outside = [...document.body.querySelectorAll("*")].filter((each) => {
        const box = each.getBoundingClientRect();
        return box.width && (box.right > room + 1 || box.left < -1) && !ancestors(each.parentElement).some(contains);
      });
      const page = document.documentElement.scrollWidth;
      return [...(page > room ? [`the page: ${page} pixels`] : []), ...outside.map(named)];
    },

    // Texts that lie on each other, by more than a hair.
    collisions() {
      const boxes = texts().flatMap(({ text, boxes }, number) => boxes.map((box) => ({ text, number, ...box })));
      boxes.sort((one, other) => one.top - other.top);
      const found = [];
      boxes.forEach((one, index) => {
        for (let next = index + 1; next < boxes.length && boxes[next].top < one.bottom - 2; next++) {
          const other = boxes[next];
          const across = Math.min(one.right, other.right) - Math.max(one.left, other.left);
          if (across > 2 && one.number !== other.number) found.push([one.text, other.text]);
        }
      });
      return found;
    },

    // The contrast of every text with what is behind it (WCAG 2.2), the least first.
    contrasts() {
      return texts()
        .map(({ text, element }) => {
          const style = getComputedStyle(element);
          const behind = backdrop(element);
          const ink = over(parsed(element instanceof SVGElement ? style.fill : style.color), behind);
          const [dark, light] = [luminance(ink), luminance(behind)].sort((one, other) => one - other);
          return [(light + 0.05) / (dark + 0.05), text];
        })
        .sort((one, other) => one[0] - other[0]);
    },

    // The smallest text, in pixels as they are drawn.
    smallest() {
      return Math.min(
        ...texts().map(({ element }) => {
          const scale = element instanceof SVGElement ? element.getScreenCTM().a : 1;
          return scale * parseFloat(getComputedStyle(element).fontSize);
        }),
      );
    },

    headings: () => [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")].map((each) => Number(each.localName[1])),

    // How many pictures are drawn, less those that say nothing beyond the words beside them.
    pictures: () =>
      [...document.querySelectorAll("svg, img, canvas, video, object")].filter(
        (each) => each.checkVisibility() && each.getAttribute("aria-hidden") !== "true",
      ).length,

    // How many pictures are not told and have no words beside them, in their row or paragraph, either.
    mute: () =>
      [...document.querySelectorAll("svg[aria-hidden=true]")].filter(
        (each) => !each.closest("tr, p")?.textContent.trim(),
      ).length,

    // How many there are of each kind of element.
    census() {
      const counts = {};
      for (const { localName } of document.querySelectorAll("*")) counts[localName] = (counts[localName] || 0) + 1;
      return counts;
    },
  };
})()
