// Sets the theme before anything is painted, so it stands in the head without
// defer. The cookie "theme" holds light or dark; else the device decides, also
// when it changes its mind later. A wall screen says its theme itself, by
// data-theme-fixed on the html element.
(() => {
  "use strict";
  const root = document.documentElement;
  if (root.hasAttribute("data-theme-fixed")) return;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const set = () => {
    const chosen = document.cookie.match(/(?:^|; )theme=(light|dark)(?:;|$)/);
    const theme = chosen ? chosen[1] : dark.matches ? "dark" : "light";
    if (root.getAttribute("data-bs-theme") !== theme) root.setAttribute("data-bs-theme", theme);
  };
  set();
  dark.addEventListener("change", set);
})();
