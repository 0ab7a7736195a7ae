// How a person finds their way on a page: by words. Evaluated in the page anew
// for every question, so that it leaves nothing behind.
() => {
  const plain = (text) => (text || "").replace(/\s+/g, " ").trim();
  const shown = (element) => element.getClientRects().length > 0 && getComputedStyle(element).visibility === "visible";
  const isSelector = (what) => /^[#.[]/.test(what);

  // Of several a person means what lies in front, then what the page is about.
  const place = (element) => (element.closest("dialog[open]") ? 0 : element.closest("main, form") ? 1 : 2);

  // best is the element whose words fit best: all of them, their beginning, a part.
  const best = (elements, words, wordsOf) => {
    const fits = [];
    for (const element of elements) {
      for (const has of wordsOf(element)) {
        const rank = has === words ? 0 : has.startsWith(words) ? 1 : has.includes(words) ? 2 : 3;
        if (rank < 3) fits.push({ element, rank, place: place(element), length: has.length });
      }
    }
    fits.sort((a, b) => a.place - b.place || a.rank - b.rank || a.length - b.length);
    return fits.length ? fits[0].element : null;
  };

  const namesOf = (element) => {
    const names = [element.getAttribute("aria-label"), element.innerText, element.matches("input") ? element.value : "", element.title];
    for (const id of (element.getAttribute("aria-labelledby") || "").split(/\s+/)) {
      const label = id && document.getElementById(id);
      if (label) names.push(label.innerText);
    }
    return names.map(plain).filter(Boolean);
  };

  const ticked = (control) => control && control.matches("[type=radio], [type=checkbox]");

  const clickable = (what) => {
    if (isSelector(what)) return [...document.querySelectorAll(what)].find(shown) || null;
    const elements = [...document.querySelectorAll("a[href], button, summary, [role=button], input[type=submit], input[type=button], label")];
    return best(elements.filter((element) => shown(element) && (!element.matches("label") || ticked(element.control))), plain(what), namesOf);
  };

  const field = (what) => {
    if (isSelector(what)) return document.querySelector(what);
    const controls = [...document.querySelectorAll("input:not([type=hidden]), textarea, select")].filter((control) => shown(control) || control.type === "file");
    return best(controls, plain(what), (control) => [...[...(control.labels || [])].map((label) => plain(label.innerText)), ...namesOf(control).filter((name) => name !== plain(control.value)), plain(control.placeholder)].filter(Boolean));
  };

  const group = (what) => best([...document.querySelectorAll("fieldset, [role=radiogroup], [role=group]")].filter(shown), plain(what), (element) => {
    const legend = element.querySelector("legend");
    return [legend && plain(legend.innerText), ...namesOf(element).filter((name) => name === plain(element.getAttribute("aria-label")))].filter(Boolean);
  });

  const change = (element) => {
    element.dispatchEvent(new Event("input", { bubbles: true }));
    element.dispatchEvent(new Event("change", { bubbles: true }));
  };

  const describe = (element) => {
    if (!element) return "nothing";
    const copy = element.cloneNode(false).outerHTML.replace(/<\/[^>]*>$/, "");
    return copy.slice(0, 200) + " " + plain(element.innerText).slice(0, 60);
  };

  // point is where to press an element, once it lies there uncovered.
  const point = (element) => {
    if (!element) return { missing: "it is not there" };
    if (element.disabled) return { missing: "it can't be pressed now: " + describe(element) };
    element.scrollIntoView({ block: "center", inline: "nearest", behavior: "instant" });
    const box = element.getClientRects()[0];
    if (!box) return { missing: "it does not show: " + describe(element) };
    const x = box.left + box.width / 2, y = box.top + box.height / 2;
    const hit = document.elementFromPoint(x, y);
    if (!hit || !(element.contains(hit) || (hit.control && hit.control === element) || (element.control && hit === element.control))) return { missing: "it is covered by " + describe(hit) };
    const link = element.closest("a[href]");
    const leads = Boolean(link) && !link.target && !link.hasAttribute("download") && !link.hasAttribute("data-confirm") && !(link.getAttribute("href") || "").startsWith("#");
    return { x, y, leads };
  };

  return {
    press: (what) => point(clickable(what)),
    readyToFill: (what) => {
      const control = field(what);
      if (!control) return { missing: "there is no such field" };
      if (control.disabled || control.readOnly) return { missing: "nothing can be typed there: " + describe(control) };
      control.scrollIntoView({ block: "center", behavior: "instant" });
      control.focus();
      const direct = control.matches("[type=date], [type=time], [type=datetime-local], [type=month], [type=week], [type=number], [type=color], [type=range]");
      if (!direct && control.select) control.select();
      return { direct };
    },
    set: (what, value) => {
      const control = field(what);
      control.value = value;
      change(control);
    },
    value: (what) => {
      const control = field(what);
      return control ? (ticked(control) ? String(control.checked) : control.value) : null;
    },
    // choose picks an option of a select at once, or says where to press for one
    // of several buttons.
    choose: (what, option) => {
      const control = field(what);
      if (control && control.matches("select")) {
        const chosen = best([...control.options], plain(option), (element) => [plain(element.textContent)]);
        if (!chosen) return { missing: "it has no such option; it has " + [...control.options].map((element) => plain(element.textContent)).join(", ") };
        chosen.selected = true;
        change(control);
        return { done: true };
      }
      const around = group(what);
      if (!around) return { missing: "there is no such choice" };
      const label = best([...around.querySelectorAll("label")].filter((element) => ticked(element.control)), plain(option), namesOf);
      return label ? point(label) : { missing: "it has no such option; it has " + [...around.querySelectorAll("label")].map((element) => plain(element.innerText)).join(", ") };
    },
    tick: (what, on) => {
      const control = field(what);
      if (!ticked(control)) return { missing: "there is no such box" };
      if (control.checked === on) return { done: true };
      const label = control.labels && control.labels[0];
      return point(shown(control) && control.getBoundingClientRect().width > 4 ? control : label || control);
    },
    fileField: (what) => field(what),
    text: () => plain(document.body ? document.body.innerText : ""),
    settled: () => document.readyState === "complete" && !document.querySelector(".htmx-request, .htmx-swapping, .htmx-settling, form[aria-busy=true]"),
    focused: () => {
      const element = document.activeElement;
      if (!element || element === document.body) return "";
      const labels = [...(element.labels || [])].map((label) => plain(label.innerText)).filter(Boolean);
      return labels[0] || namesOf(element)[0] || plain(element.placeholder) || describe(element);
    },
    wide: () => {
      const width = document.documentElement.clientWidth;
      if (document.documentElement.scrollWidth <= width && document.body.scrollWidth <= width) return [];
      const beyond = [...document.body.querySelectorAll("*")].filter((element) => element.getBoundingClientRect().right > width + 0.5);
      return beyond.filter((element) => !beyond.some((other) => other !== element && element.contains(other))).slice(0, 5).map(describe).concat(`the page is ${document.documentElement.scrollWidth} pixels wide, the screen ${width}`);
    },
    drawn: () => Promise.all([document.fonts.ready, ...[...document.images].filter((image) => !image.complete && image.loading !== "lazy").map((image) => new Promise((done) => { image.onload = image.onerror = done; }))])
      .then(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))),
    height: () => Math.ceil(Math.max(document.documentElement.scrollHeight, document.body.scrollHeight)),
  };
}
