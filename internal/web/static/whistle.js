// What makes the pages pleasant; every one works without it. Behaviours are
// asked for by data attributes and hold for content that htmx brings later.
// There are no texts here: words stand in attributes of the element, or of one
// around it, so that body holds those of the whole page.
//
//   form[data-draft=KEY]           what is typed is kept in this browser under KEY until [data-draft-done=KEY] is on a
//                                  page; words: data-draft-restored, data-draft-discard
//   form[data-once]                is not sent twice
//   [data-confirm=QUESTION]        on a form or a button: asks before; words: data-confirm-yes, data-confirm-no
//   .file-choice > input[type=file]  beside it .file-chosen says what is chosen; words: data-files-none, data-files-count
//   input[type=file][data-photos]  in one: previews, large photos made smaller; at most data-photos files of data-photos-bytes
//                                  each; words: data-photos-many, data-photos-large, data-photos-remove
//   [data-keys]                    a list walked by keys: its rows are .queue-row or [data-row], their link [data-open] or
//                                  the first; words: data-keys-title, -on, -next, -previous, -open, -choose, -this, -close
//   [data-key=x]                   is pressed by that key, in the current row before all others; data-key-label names it
//   [data-keys-help]               a button that shows the keys
//   time[data-relative]            in words such as 3 minutes ago for a week; <html data-now> is the server's time
//   [data-live]                    listens at its value, /api/v1/stream by default, and tells body of changes by the event
//                                  whistle:changed, whose detail has ticket_id (null: anything), and of notices
//                                  by whistle:noticed, of imports by whistle:import; shows #line-down
//   form[data-outbox-form=ABOUT]   is kept in this browser until it has arrived, photos too, and sent when there is a line;
//                                  what waits stands in [data-outbox=ACCOUNT], of that account alone; words:
//                                  data-outbox-waits, -refused, -signin, -sent, -edit, -without, -full
//   [data-print]                   prints
//   input[data-select-all=NAME]    checks all boxes of that name; [data-selected-count], button[data-needs-selection]
//   button[data-copy=TEXT]         copies; word: data-copy-done
//   input[data-filter=ID]          shows of the labels in the element of that id only those with the text; hidden without script
//   button[data-locate]            writes where the device is into the form's hidden fields latitude and longitude, and says
//                                  so in the [role=status] beside it; words: data-locate-busy, -found, -refused
//   [data-focus]                   in content that htmx brought: is focused
//
// #request-failed is shown when a request of htmx gets no answer.
(() => {
  "use strict";

  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => {
    const found = [...root.querySelectorAll(selector)];
    if (root.nodeType === Node.ELEMENT_NODE && root.matches(selector)) found.unshift(root);
    return found;
  };

  // word gives a text from the element or the nearest around it, with {name}
  // replaced by the values.
  const word = (element, name, values = {}) => {
    const holder = element.closest(`[data-${name}]`);
    const text = holder ? holder.getAttribute(`data-${name}`) : "";
    return text.replace(/\{(\w+)\}/g, (all, key) => (key in values ? values[key] : all));
  };

  const make = (tag, attributes = {}, ...children) => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  };

  const shown = (element) => element.getClientRects().length > 0;
  const typing = (element) =>
    element instanceof HTMLElement &&
    (element.isContentEditable || element.matches("textarea, select, input:not([type=checkbox], [type=radio], [type=button], [type=submit], [type=reset], [type=file])"));

  // ---- Drafts ---------------------------------------------------------------

  const draftPrefix = "draft:";
  const draftLife = 30 * 24 * 3600 * 1000;

  // A browser may refuse storage; then there are no drafts, and no harm.
  const store = {
    get: (key) => { try { return localStorage.getItem(key); } catch { return null; } },
    set: (key, value) => { try { localStorage.setItem(key, value); } catch { /* full or refused */ } },
    remove: (key) => { try { localStorage.removeItem(key); } catch { /* refused */ } },
    keys: () => { try { return Object.keys(localStorage); } catch { return []; } },
  };

  const draftFields = (form) => [...form.elements].filter((field) => field.name && !field.matches("[type=hidden], [type=password], [type=file], [type=submit], button, fieldset, output, [data-draft-skip]"));
  const ticked = (field) => field.matches("[type=checkbox], [type=radio]");
  const valueOf = (field) => (ticked(field) ? field.checked : field.multiple ? [...field.selectedOptions].map((option) => option.value) : field.value);
  const defaultOf = (field) => {
    if (ticked(field)) return field.defaultChecked;
    if (!field.options) return field.defaultValue;
    const chosen = [...field.options].filter((option) => option.defaultSelected).map((option) => option.value);
    return field.multiple ? chosen : chosen.length ? chosen[0] : field.options.length ? field.options[0].value : "";
  };
  const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
  // Boxes of one name are told apart by their values.
  const draftName = (field) => (ticked(field) ? `${field.name}=${field.value}` : field.name);

  const saveDraft = (form) => {
    const key = draftPrefix + form.dataset.draft;
    const changed = draftFields(form).filter((field) => !same(valueOf(field), defaultOf(field)));
    if (changed.length === 0) return store.remove(key);
    store.set(key, JSON.stringify({ at: Date.now(), values: Object.fromEntries(changed.map((field) => [draftName(field), valueOf(field)])) }));
  };

  const readDraft = (key) => {
    try {
      const draft = JSON.parse(store.get(key));
      return draft && Date.now() - draft.at < draftLife ? draft.values : null;
    } catch {
      return null;
    }
  };

  const restoreDraft = (form) => {
    const key = draftPrefix + form.dataset.draft;
    const values = readDraft(key);
    if (!values) return store.remove(key);
    // The server has just shown again what was sent, with its faults.
    if ($("[aria-invalid=true]", form)) return;
    let restored = false;
    for (const field of draftFields(form)) {
      const name = draftName(field);
      if (!(name in values) || same(values[name], valueOf(field))) continue;
      restored = true;
      if (ticked(field)) field.checked = values[name];
      else if (field.multiple) for (const option of field.options) option.selected = values[name].includes(option.value);
      else field.value = values[name];
    }
    if (!restored) return;
    const discard = make("button", { type: "button", class: "btn btn-sm" }, word(form, "draft-discard"));
    const note = make("div", { class: "notice", role: "status", "data-draft-note": "" }, make("p", {}, word(form, "draft-restored")), discard);
    discard.addEventListener("click", () => {
      store.remove(key);
      form.reset();
      note.remove();
      form.dispatchEvent(new Event("change", { bubbles: true }));
      const first = draftFields(form).find(shown);
      if (first) first.focus();
    });
    form.prepend(note);
  };

  const forgetDrafts = (root) => {
    for (const element of $$("[data-draft-done]", root)) {
      const key = element.dataset.draftDone;
      for (const stored of store.keys()) {
        if (stored === draftPrefix + key || (key === "*" && stored.startsWith(draftPrefix))) store.remove(stored);
      }
    }
  };

  const keepDraft = (event) => {
    const form = event.target.closest && event.target.closest("form[data-draft]");
    if (form) saveDraft(form);
  };
  document.addEventListener("input", keepDraft);
  document.addEventListener("change", keepDraft);

  // ---- Sending: once, and after a question ------------------------------------

  const sent = new WeakSet();
  const confirmed = new WeakSet();

  const mark = (form, busy) => {
    if (busy) sent.add(form);
    else sent.delete(form);
    form.setAttribute("aria-busy", String(busy));
    for (const button of form.elements) {
      if (button.matches("button:not([type=button]), input[type=submit]")) {
        if (busy) button.setAttribute("aria-disabled", "true");
        else button.removeAttribute("aria-disabled");
      }
    }
  };

  const ask = (element, question, then) => {
    const yes = make("button", { type: "button", class: element.matches("[data-danger], .btn-danger, .btn-outline-danger") ? "btn btn-danger" : "btn btn-primary" }, word(element, "confirm-yes"));
    const no = make("button", { type: "button", class: "btn" }, word(element, "confirm-no"));
    const dialog = make("dialog", { class: "dialog", "aria-labelledby": "confirm-question" }, make("p", { id: "confirm-question" }, question), make("div", { class: "dialog-actions" }, no, yes));
    // The browser gives the focus back to where it was.
    dialog.addEventListener("close", () => dialog.remove());
    no.addEventListener("click", () => dialog.close());
    yes.addEventListener("click", () => {
      dialog.close();
      then();
    });
    document.body.append(dialog);
    dialog.showModal();
    no.focus();
  };

  // First of all listeners, so that neither htmx nor the browser goes on.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const button = event.submitter;
    const halt = () => {
      event.preventDefault();
      event.stopImmediatePropagation();
    };
    if (form.matches("[data-once]") && sent.has(form)) return halt();
    const waiting = [...form.elements].map((field) => photoWork.get(field)).filter(Boolean);
    if (waiting.length > 0) {
      halt();
      mark(form, true);
      Promise.all(waiting).then(() => {
        mark(form, false);
        form.requestSubmit(button);
      });
      return;
    }
    const asking = button && button.matches("[data-confirm]") ? button : form.matches("[data-confirm]") ? form : null;
    if (asking && !confirmed.delete(asking)) {
      halt();
      ask(asking === form && button ? button : asking, asking.dataset.confirm, () => {
        confirmed.add(asking);
        form.requestSubmit(button);
      });
      return;
    }
    if (form.matches("[data-once]")) mark(form, true);
  }, true);

  // A link or a plain button that asks.
  document.addEventListener("click", (event) => {
    const element = event.target.closest("a[data-confirm], button[type=button][data-confirm]");
    if (!element || confirmed.delete(element)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    ask(element, element.dataset.confirm, () => {
      confirmed.add(element);
      element.click();
    });
  }, true);

  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.detail.elt && event.detail.elt.closest("form[data-once]");
    if (form) mark(form, false);
  });
  // Back to a page that the browser kept as it was left.
  addEventListener("pageshow", (event) => {
    if (event.persisted) $$("form[data-once]").forEach((form) => mark(form, false));
  });

  // ---- Photos and files -------------------------------------------------------

  const scaleAbove = 2 * 1024 * 1024; // bytes
  const longestSide = 2000; // pixels
  const photoWork = new WeakMap(); // input → what is still being scaled
  const photoFiles = new WeakMap(); // input → files chosen so far
  const photoLists = new WeakMap(); // input → the list that shows them

  const megabytes = (bytes) => new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 1 }).format(bytes / 1024 / 1024);
  const sizeOf = (bytes) => (bytes < 100 * 1024 ? `${Math.ceil(bytes / 1024)} KB` : `${megabytes(bytes)} MB`);

  // scaled is a smaller JPEG of a large photo, or the file itself where the
  // browser can't read it or would only make it larger.
  const scaled = async (file) => {
    if (!file.type.startsWith("image/") || file.type === "image/gif" || file.size <= scaleAbove) return file;
    try {
      const image = await createImageBitmap(file);
      const factor = Math.min(1, longestSide / Math.max(image.width, image.height));
      const canvas = make("canvas", { width: Math.round(image.width * factor), height: Math.round(image.height * factor) });
      const context = canvas.getContext("2d");
      context.fillStyle = "#fff"; // JPEG knows no transparency
      context.fillRect(0, 0, canvas.width, canvas.height);
      context.drawImage(image, 0, 0, canvas.width, canvas.height);
      image.close();
      const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
      if (!blob || blob.size >= file.size) return file;
      return new File([blob], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg", lastModified: file.lastModified });
    } catch {
      return file;
    }
  };

  const choiceOf = (input) => input.closest(".file-choice");

  const sayChosen = (input, files) => {
    const words = files.length > 1 ? word(input, "files-count", { count: files.length }) : files.length ? files[0].name : word(input, "files-none");
    $(".file-chosen", choiceOf(input)).textContent = words;
  };

  const sayAtField = (input, message) => {
    const described = (input.getAttribute("aria-describedby") || "").split(/\s+/).filter(Boolean);
    let place = described.map((id) => document.getElementById(id)).find((element) => element && element.matches(".field-error"));
    if (!place && message) {
      place = make("div", { class: "field-error", id: `${input.id || input.name}-error` });
      choiceOf(input).after(place);
      input.setAttribute("aria-describedby", [...described, place.id].join(" "));
    }
    if (!place) return;
    place.setAttribute("role", "alert");
    place.textContent = message;
    if (message) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
  };

  const showPhotos = (input) => {
    const files = photoFiles.get(input) || [];
    let list = photoLists.get(input);
    if (!list) {
      list = make("ul", { class: "photos" });
      photoLists.set(input, list);
      choiceOf(input).after(list);
    }
    for (const image of $$("img", list)) URL.revokeObjectURL(image.src);
    list.replaceChildren();
    list.hidden = files.length === 0;
    files.forEach((file, at) => {
      const item = make("li", { class: "photo" });
      if (file.type.startsWith("image/")) {
        const image = make("img", { src: URL.createObjectURL(file), alt: "" });
        // What the browser can't draw, such as HEIC, stays with its name alone.
        image.addEventListener("error", () => image.remove());
        item.append(image);
      }
      item.append(make("span", { class: "photo-name", title: file.name }, file.name), make("span", { class: "text-secondary" }, sizeOf(file.size)));
      const remove = make("button", { type: "button", class: "photo-remove", "aria-label": `${word(input, "photos-remove")} ${file.name}` }, "×");
      remove.addEventListener("click", () => {
        keepFiles(input, files.filter((_, i) => i !== at));
        sayAtField(input, "");
        const next = $$(".photo-remove", list)[Math.min(at, files.length - 2)];
        (next || input).focus();
      });
      item.append(remove);
      list.append(item);
    });
  };

  const keepFiles = (input, files) => {
    const transfer = new DataTransfer();
    files.forEach((file) => transfer.items.add(file));
    input.files = transfer.files;
    photoFiles.set(input, files);
    sayChosen(input, files);
    showPhotos(input);
  };

  const takePhotos = async (input) => {
    const faults = [];
    const maxCount = Number(input.dataset.photos) || Infinity;
    const maxBytes = Number(input.dataset.photosBytes) || Infinity;
    // A camera gives one at a time: what was chosen before stays.
    let files = input.multiple ? [...(photoFiles.get(input) || [])] : [];
    const chosen = await Promise.all([...input.files].map(scaled));
    for (const file of chosen) {
      if (file.size > maxBytes) faults.push(word(input, "photos-large", { name: file.name, max: megabytes(maxBytes), size: megabytes(file.size) }));
      else if (!files.some((other) => other.name === file.name && other.size === file.size && other.lastModified === file.lastModified)) files.push(file);
    }
    if (files.length > maxCount) {
      faults.push(word(input, "photos-many", { max: maxCount, count: files.length }));
      files = files.slice(0, maxCount);
    }
    keepFiles(input, files);
    sayAtField(input, faults.join(" "));
  };

  document.addEventListener("change", (event) => {
    const input = event.target;
    if (!input.matches || !input.matches(".file-choice > input")) return;
    if (!input.matches("[data-photos]")) return sayChosen(input, input.files);
    const work = takePhotos(input).finally(() => photoWork.delete(input));
    photoWork.set(input, work);
  });
  document.addEventListener("reset", (event) => {
    for (const input of $$(".file-choice > input", event.target)) {
      sayChosen(input, []);
      if (!input.matches("[data-photos]")) continue;
      photoFiles.delete(input);
      sayAtField(input, "");
      showPhotos(input);
    }
  });

  // ---- Keys ---------------------------------------------------------------------

  const keysOff = "keys-off"; // in this browser's storage

  const rowsOf = (list) => $$(".queue-row, [data-row]", list).filter(shown);
  const linkOf = (row) => $("[data-open]", row) || $("a[href], button", row);
  const currentList = () => {
    const focused = document.activeElement && document.activeElement.closest("[data-keys]");
    return focused || $$("[data-keys]").find(shown);
  };
  const currentRow = (list) => {
    const rows = rowsOf(list);
    return rows.find((row) => row.contains(document.activeElement)) || rows.find((row) => row.matches(".is-key")) || rows.find((row) => row.matches("[aria-current=true]"));
  };
  const stepTo = (list, by) => {
    const rows = rowsOf(list);
    if (rows.length === 0) return;
    const at = rows.indexOf(currentRow(list));
    const row = rows[at < 0 ? 0 : Math.max(0, Math.min(rows.length - 1, at + by))];
    for (const other of rows) other.classList.toggle("is-key", other === row);
    const link = linkOf(row);
    if (link) link.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  };
  const press = (element) => {
    if (typing(element)) {
      element.focus();
      if (element.select) element.select();
    } else {
      element.click();
    }
  };
  const keyed = (key) => {
    const list = currentList();
    const row = list && currentRow(list);
    const matches = $$(`[data-key="${CSS.escape(key)}"]`).filter(shown);
    return matches.find((element) => row && row.contains(element)) || matches.find((element) => !element.closest("[data-keys] .queue-row, [data-keys] [data-row]"));
  };

  document.addEventListener("focusin", (event) => {
    const row = event.target.closest && event.target.closest(".queue-row, [data-row]");
    const list = row && row.closest("[data-keys]");
    if (list) for (const other of rowsOf(list)) other.classList.toggle("is-key", other === row);
  });

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target) || $("dialog[open]") || store.get(keysOff)) return;
    const list = currentList();
    const inList = list && list.contains(document.activeElement);
    if (event.key === "?") {
      if (!showKeys()) return;
    } else if (keyed(event.key)) {
      press(keyed(event.key));
    } else if (list && (event.key === "j" || (inList && event.key === "ArrowDown"))) {
      stepTo(list, 1);
    } else if (list && (event.key === "k" || (inList && event.key === "ArrowUp"))) {
      stepTo(list, -1);
    } else if (list && event.key === "x" && currentRow(list) && $(".queue-check", currentRow(list))) {
      $(".queue-check", currentRow(list)).click();
    } else if (list && event.key === "Enter" && document.activeElement === document.body && currentRow(list)) {
      linkOf(currentRow(list)).click();
    } else {
      return;
    }
    event.preventDefault();
  });

  // showKeys tells which keys do something here; false where none does.
  const showKeys = () => {
    const list = currentList();
    const lines = [];
    if (list) {
      lines.push([["j", "↓"], word(list, "keys-next")], [["k", "↑"], word(list, "keys-previous")], [["Enter"], word(list, "keys-open")]);
      if ($(".queue-check", list)) lines.push([["x"], word(list, "keys-choose")]);
    }
    const seen = new Set();
    for (const element of $$("[data-key]")) {
      const key = element.dataset.key;
      if (seen.has(key) || (!shown(element) && !element.closest("[data-keys]"))) continue;
      seen.add(key);
      lines.push([[key], element.dataset.keyLabel || element.getAttribute("aria-label") || element.placeholder || element.textContent.trim()]);
    }
    if (lines.length === 0) return false;
    const around = list || document.body;
    lines.push([["?"], word(around, "keys-this")]);
    const on = make("input", { type: "checkbox", class: "form-check-input" });
    on.checked = !store.get(keysOff);
    on.addEventListener("change", () => (on.checked ? store.remove(keysOff) : store.set(keysOff, "1")));
    const close = make("button", { type: "button", class: "btn btn-primary" }, word(around, "keys-close"));
    const dialog = make("dialog", { class: "dialog", "aria-labelledby": "keys-title" },
      make("h2", { id: "keys-title" }, word(around, "keys-title")),
      make("dl", { class: "keys" }, ...lines.flatMap(([keys, text]) => [make("dt", {}, ...keys.flatMap((key, i) => (i ? [" ", make("kbd", {}, key)] : [make("kbd", {}, key)]))), make("dd", {}, text)])),
      make("label", { class: "form-check mt-3" }, on, make("span", { class: "form-check-label" }, word(around, "keys-on"))),
      make("div", { class: "dialog-actions" }, close));
    dialog.addEventListener("close", () => dialog.remove());
    close.addEventListener("click", () => dialog.close());
    document.body.append(dialog);
    dialog.showModal();
    close.focus();
    return true;
  };

  // ---- Times in words -------------------------------------------------------------

  const skew = (() => {
    const now = Date.parse(document.documentElement.dataset.now || "");
    return Number.isNaN(now) ? 0 : now - Date.now();
  })();
  const units = [["day", 86400], ["hour", 3600], ["minute", 60]];

  const writeTimes = (root) => {
    let format;
    try {
      format = new Intl.RelativeTimeFormat(document.documentElement.lang || undefined, { numeric: "auto" });
    } catch {
      return;
    }
    for (const element of $$("time[data-relative]", root)) {
      const at = Date.parse(element.dateTime);
      if (Number.isNaN(at)) continue;
      if (element.dataset.exact === undefined) {
        element.dataset.exact = element.textContent;
        if (!element.title) element.title = element.textContent;
      }
      const seconds = (at - Date.now() - skew) / 1000;
      let words = element.dataset.exact;
      if (Math.abs(seconds) < 7 * 86400) {
        const [unit, length] = units.find(([, length]) => Math.abs(seconds) >= length) || ["second", 0];
        words = format.format(length ? Math.trunc(seconds / length) : 0, unit);
      }
      if (element.textContent !== words) element.textContent = words;
    }
  };
  setInterval(() => {
    if (!document.hidden) writeTimes(document);
  }, 20000);

  // ---- Live ------------------------------------------------------------------------

  const silence = 50000; // ms: the server says every 20 s that the line is up
  const lineGrace = 1000; // ms: how long it may be down unsaid
  const hiddenGrace = 30000; // ms: a page that nobody sees gives its connection back
  const tellEvery = 1000; // ms
  const retryFirst = 1000, retryLast = 30000; // ms

  let stream = null, everUp = false, missed = false, retryIn = retryFirst;
  let retryTimer, silenceTimer, downTimer, hiddenTimer, tellTimer;
  const toTell = new Set();

  const tellNow = () => {
    const ids = [...toTell];
    toTell.clear();
    document.body.dispatchEvent(new CustomEvent("whistle:changed", { bubbles: true, detail: { ticket_id: ids.length === 1 ? ids[0] : null, ticket_ids: ids.includes(null) ? null : ids } }));
  };
  // tell passes a change on at once, and what comes within the next second together.
  const tell = (id) => {
    toTell.add(id);
    if (tellTimer) return;
    tellNow();
    tellTimer = setTimeout(function again() {
      tellTimer = toTell.size > 0 ? setTimeout(again, tellEvery) : null;
      if (toTell.size > 0) tellNow();
    }, tellEvery);
  };

  const line = (up) => {
    clearTimeout(downTimer);
    const notice = document.getElementById("line-down");
    if (!notice) return;
    if (up) notice.hidden = true;
    else downTimer = setTimeout(() => { notice.hidden = false; }, lineGrace);
  };

  const hangUp = () => {
    clearTimeout(retryTimer);
    clearTimeout(silenceTimer);
    if (stream) stream.close();
    stream = null;
  };
  const heard = () => {
    clearTimeout(silenceTimer);
    silenceTimer = setTimeout(lost, silence);
  };
  const lost = () => {
    hangUp();
    missed = missed || everUp;
    line(false);
    // Not all browsers at the same moment.
    retryTimer = setTimeout(connect, retryIn * (0.75 + Math.random() / 2));
    retryIn = Math.min(retryLast, retryIn * 2);
  };
  const connect = () => {
    const element = $("[data-live]");
    if (!element || stream) return;
    clearTimeout(retryTimer);
    const source = stream = new EventSource(element.dataset.live || "/api/v1/stream");
    const up = () => {
      heard();
      if (stream !== source) return;
      line(true);
      retryIn = retryFirst;
      everUp = true;
      if (missed) {
        missed = false;
        tell(null);
      }
    };
    source.addEventListener("open", up);
    source.addEventListener("alive", up);
    source.addEventListener("reset", () => { up(); tell(null); });
    source.addEventListener("ticket", (event) => {
      up();
      let id = null;
      try {
        id = JSON.parse(event.data).ticket_id;
      } catch { /* something changed, whatever it was */ }
      tell(id);
    });
    source.addEventListener("notice", () => {
      up();
      document.body.dispatchEvent(new CustomEvent("whistle:noticed", { bubbles: true }));
    });
    source.addEventListener("import", () => {
      up();
      document.body.dispatchEvent(new CustomEvent("whistle:import", { bubbles: true }));
    });
    source.addEventListener("error", () => {
      if (stream === source) lost();
    });
    silenceTimer = setTimeout(lost, silence);
  };
  const live = () => {
    if ($("[data-live]") && !stream) {
      retryIn = retryFirst;
      connect();
    }
  };
  document.addEventListener("visibilitychange", () => {
    clearTimeout(hiddenTimer);
    if (!document.hidden) {
      writeTimes(document);
      live();
    } else {
      // Browsers allow few connections to one host, over all tabs.
      hiddenTimer = setTimeout(() => {
        missed = missed || everUp;
        hangUp();
      }, hiddenGrace);
    }
  });
  addEventListener("online", live);
  addEventListener("offline", () => { if ($("[data-live]")) lost(); });
  addEventListener("pagehide", () => {
    clearTimeout(downTimer);
    missed = missed || everUp;
    hangUp();
  });
  addEventListener("pageshow", (event) => { if (event.persisted) live(); });

  // ---- Small things -------------------------------------------------------------------

  const boxesOf = (all) => $$(`input[type=checkbox][name="${CSS.escape(all.dataset.selectAll)}"]`, all.form || document).filter((box) => !box.disabled && box !== all);
  const countBoxes = () => {
    for (const all of $$("input[data-select-all]")) {
      const boxes = boxesOf(all);
      const chosen = boxes.filter((box) => box.checked).length;
      all.checked = chosen > 0 && chosen === boxes.length;
      all.indeterminate = chosen > 0 && chosen < boxes.length;
      all.disabled = boxes.length === 0;
      const around = all.form || document;
      for (const place of $$("[data-selected-count]", around)) place.textContent = chosen || "";
      for (const button of $$("[data-needs-selection]", around)) button.disabled = chosen === 0;
    }
  };
  document.addEventListener("change", (event) => {
    if (!event.target.matches("input[type=checkbox]")) return;
    if (event.target.matches("[data-select-all]")) for (const box of boxesOf(event.target)) box.checked = event.target.checked;
    countBoxes();
  });

  // narrow shows of much to choose from what has the text, and what is chosen.
  const narrow = (input) => {
    const text = input.value.trim().toLowerCase();
    const list = document.getElementById(input.dataset.filter);
    if (!list) return;
    let heading = null;
    for (const item of list.children) {
      if (!item.matches("label")) {
        heading = item;
        heading.hidden = true;
        continue;
      }
      item.hidden = !item.textContent.toLowerCase().includes(text) && !$("input:checked", item);
      if (heading && !item.hidden) heading.hidden = false;
    }
  };
  document.addEventListener("input", (event) => {
    if (event.target.matches("input[data-filter]")) narrow(event.target);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("input[data-filter]")) event.preventDefault();
  });

  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Without TLS there is no clipboard but the old way.
      const field = make("textarea", { "aria-hidden": "true", class: "visually-hidden" });
      field.value = text;
      document.body.append(field);
      field.select();
      document.execCommand("copy");
      field.remove();
    }
  };

  const locate = (button) => {
    const say = (name, values) => { $("[role=status]", button.parentElement).textContent = word(button, name, values); };
    if (!navigator.geolocation) return say("locate-refused");
    say("locate-busy");
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      for (const name of ["latitude", "longitude"]) {
        const field = button.form.elements[name] || button.form.appendChild(make("input", { type: "hidden", name }));
        field.value = coords[name].toFixed(6); // a tenth of a metre, finer than any phone knows
      }
      say("locate-found", { metres: Math.ceil(coords.accuracy) });
    }, () => say("locate-refused"), { enableHighAccuracy: true, timeout: 20000, maximumAge: 60000 });
  };

  // A form's reset leaves hidden fields as they are: the next visit would be at the last one's place.
  document.addEventListener("reset", (event) => {
    const button = $("[data-locate]", event.target);
    if (!button) return;
    for (const field of $$("[name=latitude], [name=longitude]", event.target)) field.remove();
    $("[role=status]", button.parentElement).textContent = "";
  });

  const openMenus = "details.shell-menu[open], details.queue-filters[open]";

  document.addEventListener("click", async (event) => {
    const element = event.target.closest("[data-print], [data-copy], [data-keys-help], [data-locate]");
    if (element) {
      if (element.matches("[data-print]")) window.print();
      else if (element.matches("[data-keys-help]")) showKeys();
      else if (element.matches("[data-locate]")) locate(element);
      else {
        await copy(element.dataset.copy);
        const before = element.dataset.copyWords || element.innerHTML;
        element.dataset.copyWords = before;
        element.textContent = word(element, "copy-done");
        element.setAttribute("aria-live", "polite");
        element.focus();
        setTimeout(() => { element.innerHTML = before; }, 2500);
      }
    }
    for (const menu of $$(openMenus)) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && event.target.closest && event.target.closest(openMenus);
    if (!menu) return;
    menu.open = false;
    $("summary", menu).focus();
  });

  // ---- htmx ------------------------------------------------------------------------------

  const byChange = (detail) => Boolean(detail.requestConfig && detail.requestConfig.triggeringEvent && detail.requestConfig.triggeringEvent.type.startsWith("whistle:"));

  // A refresh that nobody asked for waits while somebody types in the place.
  let postponed = false;
  document.addEventListener("htmx:beforeRequest", (event) => {
    const { target } = event.detail;
    if (!byChange(event.detail) || !target) return;
    if ((typing(document.activeElement) && target.contains(document.activeElement)) || $("dialog[open]", target)) {
      event.preventDefault();
      postponed = true;
    }
  });
  document.addEventListener("focusout", () => {
    if (!postponed) return;
    postponed = false;
    setTimeout(() => tell(null));
  });

  // Answers that say what is wrong are shown like any other. A whole page, such
  // as that of an error, takes the place of the whole content.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { detail } = event;
    const kind = detail.xhr.getResponseHeader("Content-Type") || "";
    if (detail.xhr.status >= 400) {
      detail.isError = false;
      detail.shouldSwap = kind.startsWith("text/html") && !byChange(detail);
      if (!detail.shouldSwap) {
        if (!byChange(detail)) failed(true);
        return;
      }
    }
    if (/^\s*<!doctype html/i.test(detail.serverResponse || "") && !detail.target.matches("body, main") && !detail.requestConfig.elt.closest("[hx-select]")) {
      const main = document.getElementById("main");
      if (!main) return;
      detail.target = main;
      detail.selectOverride = "#main";
      detail.swapOverride = "outerHTML";
    }
    // What the reader had chosen and where they stood outlasts a refresh.
    const focused = document.activeElement;
    kept = byChange(detail) ? {
      checked: $$("input[type=checkbox]:checked", detail.target).map((box) => [box.name, box.value]),
      focus: focused && detail.target.contains(focused) && !focused.id ? [focused.getAttribute("href"), focused.name, focused.value] : null,
      row: firstInView(detail.target),
    } : null;
  });
  let kept = null;
  // firstInView is the row that stands at the top of the screen once one has
  // scrolled: what comes and goes above it must not move it.
  const firstInView = (target) => {
    if (scrollY === 0) return null;
    for (const row of $$(".queue-row[id], [data-row][id]", target)) {
      const { top, height } = row.getBoundingClientRect();
      if (height > 0 && top >= 0) return { id: row.id, top };
    }
    return null;
  };

  // The row that leads where one is now is the current one.
  document.addEventListener("htmx:pushedIntoHistory", () => {
    for (const link of $$("[data-keys] a[data-open]")) {
      const row = link.closest(".queue-row, [data-row]");
      if (link.href === location.href) row.setAttribute("aria-current", "true");
      else row.removeAttribute("aria-current");
    }
  });

  document.addEventListener("htmx:afterSwap", (event) => {
    const { target, requestConfig } = event.detail;
    if (kept) {
      for (const box of $$("input[type=checkbox]")) if (kept.checked.some(([name, value]) => box.name === name && box.value === value)) box.checked = true;
      if (kept.focus) {
        const [href, name, value] = kept.focus;
        const again = $$("a[href], button, input").find((element) => (href ? element.getAttribute("href") === href : name && element.name === name && element.value === value));
        if (again) again.focus({ preventScroll: true });
      }
      if (kept.row) {
        const row = document.getElementById(kept.row.id);
        if (row) scrollBy(0, row.getBoundingClientRect().top - kept.row.top);
      }
      kept = null;
      return;
    }
    const by = requestConfig && requestConfig.triggeringEvent && requestConfig.triggeringEvent.type;
    if (by !== "click" && by !== "submit") return;
    // Outer swaps have put another element where the target was.
    const place = target.isConnected ? target : (target.id && document.getElementById(target.id)) || document;
    const wrong = $("[aria-invalid=true]", place);
    const to = wrong || $("[data-focus]", place);
    if (to) focusOn(to);
    // The focus went with what was replaced, or is on what no longer shows.
    else if (!document.activeElement || document.activeElement === document.body || !shown(document.activeElement)) focusOn($("h1, h2", place) || (place === document ? document.getElementById("main") : place));
  });
  const focusOn = (element) => {
    if (!element) return;
    if (element.tabIndex < 0 && !element.hasAttribute("tabindex")) element.setAttribute("tabindex", "-1");
    element.focus();
  };

  // A request that got no answer, or none for people.
  const failed = (is) => {
    const notice = document.getElementById("request-failed");
    if (notice) notice.hidden = !is;
  };
  for (const name of ["htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(name, (event) => { if (!byChange(event.detail)) failed(true); });
  }
  document.addEventListener("htmx:afterSwap", () => failed(false));

  // ---- Outbox -----------------------------------------------------------------------------

  // A form on a bad line: it is put down in the browser's database before it is
  // sent, and taken out once the server has it. Its form_key makes the server
  // take it once, however often it arrives.

  const outboxName = "outbox";
  let outboxOpen = null;
  const inOutbox = (mode, ask) => {
    outboxOpen = outboxOpen || new Promise((done, failed) => {
      const request = indexedDB.open("whistle", 1);
      request.onupgradeneeded = () => request.result.createObjectStore(outboxName, { keyPath: "id" });
      request.onsuccess = () => done(request.result);
      request.onerror = () => failed(request.error);
    });
    return outboxOpen.then((db) => new Promise((done, failed) => {
      const transaction = db.transaction(outboxName, mode);
      const request = ask(transaction.objectStore(outboxName));
      transaction.oncomplete = () => done(request.result);
      transaction.onerror = transaction.onabort = () => failed(transaction.error);
    }));
  };
  const keepItem = (item) => inOutbox("readwrite", (items) => items.put(item));
  const dropItem = (item) => inOutbox("readwrite", (items) => items.delete(item.id));
  const itemsOf = (owner) => inOutbox("readonly", (items) => items.getAll()).then((all) => all.filter((item) => item.owner === owner).sort((a, b) => a.at - b.at));

  const newKey = () => {
    const bytes = crypto.getRandomValues(new Uint8Array(16)); // randomUUID is for secure pages alone
    return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  };

  // sendItem gives where it arrived, why it was refused, or neither while it
  // has to wait.
  const sendItem = async (item) => {
    const body = new FormData();
    for (const [name, value] of item.fields) body.append(name, value);
    for (const file of item.files) body.append("files", file, file.name);
    let answer;
    try {
      answer = await fetch(item.action, { method: "POST", body, headers: { "Whistle-Outbox": "1" }, redirect: "manual" });
    } catch {
      return {};
    }
    if (answer.type === "opaqueredirect") return { signIn: true };
    const said = await answer.json().catch(() => ({}));
    if (answer.status === 201 && said.path) return { path: said.path };
    if (answer.status >= 400 && answer.status < 500 && ![401, 408, 429].includes(answer.status)) return { refused: said.message || String(answer.status) };
    return {};
  };

  // showOutbox lists what waits, and for once what has just arrived.
  const showOutbox = async (arrived = [], signIn = false) => {
    const box = $("[data-outbox]");
    if (!box) return;
    const items = await itemsOf(box.dataset.outbox);
    const list = $(".outbox-items", box);
    list.replaceChildren();
    for (const { item, path } of arrived) list.append(make("li", {}, `${item.about} · `, make("a", { href: path }, word(box, "outbox-sent"))));
    for (const item of items) {
      const line = make("li", {}, make("strong", {}, item.about), ` · ${new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "short", timeStyle: "short" }).format(item.at)} · `);
      line.append(item.refused ? `${word(box, "outbox-refused")} ${item.refused} ` : `${word(box, signIn ? "outbox-signin" : "outbox-waits")} `);
      if (item.without) line.append(`${word(box, "outbox-without")} `);
      if (item.refused) {
        const edit = make("button", { type: "button", class: "btn btn-sm" }, word(box, "outbox-edit"));
        edit.addEventListener("click", async () => {
          const values = Object.fromEntries(item.fields.filter(([name]) => !["form_key", "back"].includes(name)));
          store.set(draftPrefix + item.draft, JSON.stringify({ at: Date.now(), values }));
          await dropItem(item);
          location.assign(item.page);
        });
        line.append(edit);
      }
      list.append(line);
    }
    box.hidden = list.children.length === 0;
  };

  let emptying = false;
  const emptyOutbox = async () => {
    const box = $("[data-outbox]");
    if (!box || emptying || !window.indexedDB || !navigator.onLine) return;
    emptying = true;
    const arrived = [];
    let signIn = false;
    try {
      for (const item of await itemsOf(box.dataset.outbox)) {
        if (item.refused) continue;
        const said = await sendItem(item);
        if (said.path) {
          await dropItem(item);
          arrived.push({ item, path: said.path });
        } else if (said.refused) {
          await keepItem({ ...item, refused: said.refused });
        } else {
          signIn = Boolean(said.signIn);
          break;
        }
      }
      await showOutbox(arrived, signIn);
    } catch { /* the browser keeps nothing */ } finally {
      emptying = false;
    }
  };
  addEventListener("online", emptyOutbox);
  setInterval(async () => {
    const box = $("[data-outbox]:not([hidden])");
    if (box && !document.hidden) emptyOutbox();
  }, 60000);

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    const box = $("[data-outbox]");
    if (event.defaultPrevented || !form.matches("form[data-outbox-form]") || !box || !window.indexedDB || (event.submitter && event.submitter.name)) return;
    event.preventDefault();
    const sentAs = new FormData(form);
    const files = sentAs.getAll("files").filter((file) => file.size > 0);
    sentAs.delete("files");
    const item = {
      id: sentAs.get("form_key"), owner: box.dataset.outbox, about: form.dataset.outboxForm, draft: form.dataset.draft, at: Date.now(),
      action: form.getAttribute("action"), page: location.pathname + location.search, fields: [...sentAs.entries()], files, refused: "", without: false,
    };
    const bySelf = () => HTMLFormElement.prototype.submit.call(form);
    let kept = true;
    try {
      await keepItem(item);
    } catch {
      try {
        await keepItem({ ...item, files: [], without: files.length > 0 });
      } catch {
        kept = false;
      }
    }
    const said = navigator.onLine ? await sendItem(item) : {};
    if (said.path) {
      if (kept) await dropItem(item);
      location.assign(said.path);
      return;
    }
    if (said.refused || said.signIn) {
      if (kept) await dropItem(item);
      return bySelf(); // the server shows what is wrong at its field
    }
    mark(form, false);
    if (!kept) {
      box.hidden = false;
      $(".outbox-items", box).replaceChildren(make("li", {}, word(box, "outbox-full")));
      box.scrollIntoView({ block: "nearest" });
      return;
    }
    if (form.dataset.draft) store.remove(draftPrefix + form.dataset.draft);
    form.reset();
    form.elements.form_key.value = newKey();
    const note = $("[data-draft-note]", form);
    if (note) note.remove();
    await showOutbox();
    box.setAttribute("tabindex", "-1");
    box.focus();
    box.scrollIntoView({ block: "nearest" });
  });

  // ---- Begin ------------------------------------------------------------------------------

  const begun = new WeakSet();
  const begin = (root) => {
    forgetDrafts(root);
    for (const form of $$("form[data-draft]", root)) {
      if (begun.has(form)) continue;
      begun.add(form);
      restoreDraft(form);
    }
    // A browser may keep what was chosen over a reload.
    for (const input of $$(".file-choice > input", root)) if (input.files.length) input.dispatchEvent(new Event("change", { bubbles: true }));
    for (const input of $$("input[data-filter]", root)) {
      input.hidden = false;
      narrow(input);
    }
    writeTimes(root);
    countBoxes();
    live();
  };
  begin(document);
  if ($("[data-outbox]") && window.indexedDB) showOutbox().then(emptyOutbox).catch(() => { /* the browser keeps nothing */ });
  document.addEventListener("htmx:load", (event) => { if (event.target !== document.body) begin(event.target); });
})();
