// Choosing a network; the confusion matrix and the classes one by one.

/** Buttons of which one is pressed, the first to begin with; choices: [[value, words]]. */
function segments(label, choices, show) {
  const buttons = choices.map(([value, words], i) => {
    const button = el("button", { type: "button", "aria-pressed": String(i === 0) }, words);
    button.addEventListener("click", () => {
      buttons.forEach((other) => other.setAttribute("aria-pressed", other === button));
      show(value);
    });
    return button;
  });
  return el("div", { class: "segments", role: "group", "aria-label": label }, buttons);
}

/** Buttons for the subjects and, with several seeds, a list for those; starts with a trained one. */
function picker(entries, label, show) {
  let chosen = entries.find((entry) => !isRandom(entry.subject)) ?? entries[0];
  const buttons = bySubject(entries).map(([{ subject }]) => {
    const button = el("button", { type: "button" }, subjectName(subject));
    button.addEventListener("click", () => choose(subject, chosen.seed));
    return [subjectKey(subject), button];
  });
  const seeds = seedsOf(entries);
  const list = el("select", { "aria-label": "Seed" }, seeds.map((seed) => el("option", { value: seed }, `seed ${seed}`)));
  list.addEventListener("change", () => choose(chosen.subject, seeds[list.selectedIndex]));
  const choose = (subject, seed) => {
    const ofSubject = entries.filter((entry) => subjectKey(entry.subject) === subjectKey(subject));
    chosen = ofSubject.find((entry) => entry.seed === seed) ?? ofSubject[0];
    list.selectedIndex = seeds.indexOf(chosen.seed);
    buttons.forEach(([key, button]) => button.setAttribute("aria-pressed", key === subjectKey(subject)));
    show(chosen);
  };
  choose(chosen.subject, chosen.seed);
  return el("div", { class: "picker", role: "group", "aria-label": label },
    el("div", { class: "segments" }, buttons.map(([, button]) => button)), seeds.length > 1 ? list : null);
}

const sumOf = (row) => row.reduce((sum, n) => sum + n, 0);

const mistakeWords = (counts, label, prediction, total) => (label === prediction
  ? `${className(classes, label)} recognised: ${counts[label][prediction]} of ${total}`
  : `${className(classes, label)} taken for ${className(classes, prediction)}: ${counts[label][prediction]} of ${total}`);

function confusionTable(counts, say) {
  const heads = counts.map((_, i) => el("th", { scope: "col" }, el("span", null, className(classes, i))));
  const rows = counts.map((row, label) => {
    const total = sumOf(row);
    const cells = row.map((n, prediction) => {
      // The square root, from a base above nothing, keeps rare mistakes visible beside the diagonal.
      const style = n > 0 ? `--share: ${(10 + 90 * Math.sqrt(n / total)).toFixed(0)}%` : null;
      const td = el("td", { class: label === prediction ? "hit" : null, style }, n > 0 ? String(n) : "");
      td.addEventListener("pointerenter", () => {
        td.title = mistakeWords(counts, label, prediction, total);
        say(td.title);
      });
      return td;
    });
    return el("tr", null, el("th", { scope: "row" }, className(classes, label)), cells,
      el("td", { class: "recall" }, total > 0 ? percent(row[label] / total, 0) : "–"));
  });
  const lastHead = el("th", { scope: "col" }, el("span", null, "right"));
  return el("table", { class: counts.length > 20 ? "confusion dense" : "confusion" },
    el("thead", null, el("tr", null, el("th", null, "label ↓  predicted →"), heads, lastHead)),
    el("tbody", null, rows));
}

function commonMistakes(counts) {
  const all = counts.flatMap((row, label) => row.map((n, prediction) => ({ n, label, prediction })));
  const mistakes = all.filter(({ n, label, prediction }) => n > 0 && label !== prediction);
  if (mistakes.length === 0) return "No mistakes on the test images.";
  const worst = mistakes.sort((a, b) => b.n - a.n).slice(0, 3);
  const words = worst.map(({ label, prediction }) => mistakeWords(counts, label, prediction, sumOf(counts[label])));
  return `Most frequent: ${words.join("; ")}.`;
}

function confusion() {
  if (past.results.length === 0) return null;
  const holder = el("div", {
    class: "confusion-holder", tabindex: 0, role: "region", "aria-label": "Confusion matrix, scrolls",
  });
  const spoken = el("p", { class: "read-out" });
  const pick = picker(past.results, "Network of the confusion matrix", ({ confusion: { counts } }) => {
    spoken.textContent = commonMistakes(counts);
    holder.replaceChildren(confusionTable(counts, (words) => { spoken.textContent = words; }));
    holder.onpointerleave = () => { spoken.textContent = commonMistakes(counts); };
  });
  return section("Confusion matrix", pick, spoken, holder,
    note("Test images by label (row) and prediction (column) of the classifier. ",
      "Shades are relative to the row, on a square-root scale."));
}

// ---- Class by class ----------------------------------------------------------------------------

/** Share of each class that a network recognised, mean over seeds; null for a class without test images. */
function recallsOf(rows) {
  return classes.map((_, label) => {
    const shares = rows.map(({ confusion: { counts } }) => counts[label][label] / sumOf(counts[label]));
    return shares.every(Number.isFinite) ? mean(shares) : null;
  });
}

function recallCell(share, subject) {
  if (share === null) return el("td", null, "–");
  return el("td", { class: "recall-cell", style: `--series: ${subjectColor(subject)}` },
    el("div", { class: "bar", "aria-hidden": "true" }, el("i", { style: `width: ${100 * share}%` })), el("span", null, percent(share)));
}

function classTable() {
  const networks = bySubject(past.results);
  if (networks.length === 0 || classes.length === 0) return null;
  const recalls = networks.map(recallsOf);
  const trained = recalls.filter((_, i) => !isRandom(networks[i][0].subject));
  const hardness = (label) => mean((trained.length > 0 ? trained : recalls).map((shares) => shares[label] ?? 2));
  const order = classes.map((_, label) => label).sort((a, b) => hardness(a) - hardness(b));
  const images = (label) => sumOf(networks[0][0].confusion.counts[label]);
  const heads = ["class", "images", ...networks.map(([{ subject }]) => subjectName(subject))];
  const rows = order.map((label) => el("tr", null, el("th", { scope: "row" }, className(classes, label)), el("td", null, count(images(label))),
    recalls.map((shares, i) => recallCell(shares[label], networks[i][0].subject))));
  const severalSeeds = seedsOf(past.results).length > 1;
  return section("Class by class", scrolling("Classes", el("table", { class: "numbers per-class" },
    el("thead", null, el("tr", null, heads.map((title) => el("th", { scope: "col" }, title)))), el("tbody", null, rows))),
    note("Share of each class’s test images that the classifier recognises", severalSeeds ? ", mean over seeds" : "",
      "; the hardest class for the trained networks first."));
}
