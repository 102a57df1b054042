// Runs before the page is painted, so that the chosen theme shows from the start: the one chosen here, else the one that
// was chosen in the Airflow UI, when the pages are shown there, else the system's.
(() => {
  "use strict";
  const known = (theme) => theme === "light" || theme === "dark";
  const follow = () => {
    let chosen = null;
    try {
      chosen = [localStorage.getItem("boost-dashboard-theme"), localStorage.getItem("theme")].find(known);
    } catch {
      // Storage may be forbidden; the system's theme is used then.
    }
    if (chosen) document.documentElement.dataset.theme = chosen;
    else delete document.documentElement.dataset.theme;
  };
  follow();
  addEventListener("storage", follow);
})();
