// The numbers a report shows, as they stand there.
(() => {
  const text = (element) => (element ? element.innerText.replace(/\s+/g, " ").trim() : null);
  // What a cell is called is what remains of it without its numbers.
  const name = (cell, ...numbers) => {
    const rest = cell.cloneNode(true);
    rest.querySelectorAll(numbers.join(",")).forEach((number) => number.remove());
    return rest.textContent.replace(/\s+/g, " ").trim();
  };
  const count = (selector) => document.querySelectorAll(selector).length;
  return {
    kpis: [...document.querySelectorAll(".kpi")].map((cell) => ({
      name: name(cell, ".value", ".delta", ".usual"),
      value: text(cell.querySelector(".value")),
      delta: text(cell.querySelector(".delta")),
      usual: text(cell.querySelector(".usual")),
    })),
    figures: [...document.querySelectorAll(".figure")].map((cell) => ({
      name: name(cell, ".muted", ".note"),
      value: text(cell.nextElementSibling),
    })),
    // One an hour of the day.
    bars: [...document.querySelectorAll(".bar")].map((bar) => {
      const fill = bar.querySelector(".fill");
      return fill ? fill.getBoundingClientRect().height : 0;
    }),
    busiest: text(document.querySelector(".hours")),
    // Who it is that the first screen names: a heading, and people with commas between them.
    briefs: [...document.querySelectorAll("p.row")].map((row) => text(row).split(": ")).filter((parts) => parts.length === 2),
    attention: [...document.querySelectorAll(".box")].flatMap((box) => box.innerText.split("\n").slice(1)),
    lists: Object.fromEntries(["lead", "worth", "gap", "unanswered", "problem", "dialog"].map((name) => [
      name, count(`.item.${name}, p.${name}, td.${name}.end`) + (name === "gap" ? count(".item.gap-in-facts") : 0),
    ])),
  };
})()
