// What is seen on the page, in CSS pixels from its upper left corner. Nothing is judged here.
(() => {
  const NOTHING = /^rgba\(.*, 0\)$|^transparent$/;
  const SIDES = ["top", "right", "bottom", "left"];

  const box = (rect) => ({
    x: rect.left + scrollX, y: rect.top + scrollY, width: rect.width, height: rect.height,
  });

  // What the boxes around it leave of it: a preheader is cut to nothing.
  const isCutAway = (element, rect) => {
    let { left, top, right, bottom } = rect;
    for (let around = element; around && around !== document.body; around = around.parentElement) {
      if (getComputedStyle(around).overflow === "visible") continue;
      const edge = around.getBoundingClientRect();
      left = Math.max(left, edge.left);
      top = Math.max(top, edge.top);
      right = Math.min(right, edge.right);
      bottom = Math.min(bottom, edge.bottom);
    }
    return right - left < 1 || bottom - top < 1;
  };

  const isSeen = (element) => {
    if (element === document.documentElement || element === document.body) return true;
    if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return false;
    const rect = element.getBoundingClientRect();
    return rect.width > 0 && rect.height > 0 && !isCutAway(element, rect);
  };

  const label = (element) => element.tagName.toLowerCase() + [...element.classList].map((name) => "." + name).join("");

  const texts = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const element = node.parentElement;
    if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    const style = getComputedStyle(element);
    // Pictures among the letters have colours of their own.
    for (const part of node.data.matchAll(/[^\p{Extended_Pictographic}\p{White_Space}][^\p{Extended_Pictographic}]*/gu)) {
      const range = document.createRange();
      range.setStart(node, part.index);
      range.setEnd(node, part.index + part[0].trimEnd().length);
      const rects = [...range.getClientRects()].filter((rect) => rect.width > 0 && rect.height > 0);
      const boxes = rects.filter((rect) => !isCutAway(element, rect)).map(box);
      if (boxes.length === 0) continue;
      texts.push({ text: part[0].trim(), element: label(element), size: parseFloat(style.fontSize), colour: style.color, boxes });
    }
  }

  const elements = [...document.querySelectorAll("html, body, body *")].filter(isSeen);
  const colours = texts.map((text) => ({ colour: text.colour, what: "text of " + text.element }));
  const spacings = [];
  for (const element of elements) {
    const style = getComputedStyle(element);
    const what = label(element);
    colours.push({ colour: style.backgroundColor, what: "background of " + what });
    for (const property of ["box-shadow", "background-image"]) {
      for (const [colour] of style.getPropertyValue(property).matchAll(/rgba?\([^)]*\)/g)) {
        colours.push({ colour, what: property + " of " + what });
      }
    }
    if (style.textDecorationLine !== "none") {
      colours.push({ colour: style.textDecorationColor, what: "line at " + what });
    }
    const set = element.computedStyleMap();
    for (const side of SIDES) {
      if (parseFloat(style.getPropertyValue(`border-${side}-width`)) > 0) {
        colours.push({ colour: style.getPropertyValue(`border-${side}-color`), what: "border of " + what });
      }
      for (const kind of ["margin", "padding"]) {
        const property = `${kind}-${side}`;
        // What is centred has the margins that are left.
        if (String(set.get(property)) === "auto") continue;
        spacings.push({ what: `${property} of ${what}`, px: parseFloat(style.getPropertyValue(property)) });
      }
    }
    if (style.display.endsWith("table") && style.borderCollapse === "separate") {
      for (const px of style.borderSpacing.split(" ")) {
        spacings.push({ what: "border-spacing of " + what, px: parseFloat(px) });
      }
    }
  }
  if (NOTHING.test(getComputedStyle(document.documentElement).backgroundColor)
    && NOTHING.test(getComputedStyle(document.body).backgroundColor)) {
    colours.push({ colour: "rgb(255, 255, 255)", what: "the bare page" });
  }

  // A finger meets one piece of a link that is broken over lines: the largest of them.
  const reach = (rect) => Math.min(rect.width, rect.height);
  const links = [...document.querySelectorAll("a[href]")].filter(isSeen).map((link) => {
    const rects = [link, ...link.querySelectorAll("*")].flatMap((element) => [...element.getClientRects()]);
    const largest = rects.reduce((a, b) => (reach(b) > reach(a) ? b : a));
    return { text: link.innerText.trim() || link.getAttribute("href"), box: box(largest) };
  });

  // Where the reader of a lead looks first; the lists of a report repeat these names inside of their items.
  const ends = {};
  for (const name of ["name", "phone", "request", "call"]) {
    const found = [...document.querySelectorAll("." + name)]
      .find((element) => isSeen(element) && !element.closest(".lead, .worth, .gap, .problem, .dialog"));
    if (found) ends[name] = found.getBoundingClientRect().bottom + scrollY;
  }

  return {
    width: document.documentElement.scrollWidth,
    height: document.documentElement.scrollHeight,
    has_doctype: document.compatMode === "CSS1Compat",
    lang: document.documentElement.lang,
    layout_tables: [...document.querySelectorAll("table")].filter((table) => table.getAttribute("role") !== "presentation").length,
    texts, colours: colours.filter(({ colour }) => !NOTHING.test(colour)), spacings, links, ends,
  };
})()
