// Sets the theme before anything is painted, so it stands in the head without
// defer. <html data-theme> says light or dark where somebody chose; else the
// device decides, also when it changes its mind later. <html data-script> says to
// styles that there is script.
(() => {
  "use strict";
  const root = document.documentElement;
  root.dataset.script = "";
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const set = () => {
    const chosen = root.dataset.theme;
    const theme = chosen === "light" || chosen === "dark" ? chosen : dark.matches ? "dark" : "light";
    if (root.getAttribute("data-bs-theme") !== theme) root.setAttribute("data-bs-theme", theme);
  };
  set();
  dark.addEventListener("change", set);
})();
