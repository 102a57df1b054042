// Runs before the page is painted, so that the chosen theme shows from the start.
(function () {
  "use strict";
  var chosen = null;
  try {
    chosen = localStorage.getItem("boost-dashboard-theme");
  } catch (error) {
    // Storage may be forbidden; the system's theme is used then.
  }
  if (chosen === "dark" || chosen === "light") document.documentElement.dataset.theme = chosen;
})();
