// Sorting, searching and paging of tables, tabs, the choice of a language, the theme switch. The pages can be read without it.
(() => {
  "use strict";

  const PAGE = 10;
  const waiting = new Map();

  // Files of rows and fragments are scripts, as pages opened from a disk may load nothing else.
  window.boostDashboard = (source, value) => waiting.get(source)?.(value);

  const load = (source) =>
    new Promise((resolve, reject) => {
      const script = document.createElement("script");
      waiting.set(source.split("/").slice(-2).join("/"), resolve);
      script.src = source;
      script.onerror = () => {
        script.remove();
        reject(new Error(source));
      };
      document.head.append(script);
    });

  const version = (text) =>
    text === "unreleased" ? [Infinity] : String(text).split(".").map((part) => Number(part.replace(/\D/g, "")) || 0);

  const compareVersions = (one, other) => {
    const [left, right] = [version(one), version(other)];
    for (let i = 0; i < 3; i++) if ((left[i] ?? 0) !== (right[i] ?? 0)) return (left[i] ?? 0) < (right[i] ?? 0) ? -1 : 1;
    return 0;
  };

  const text = (cell) => (Array.isArray(cell) ? cell[0] : cell ?? "");
  const collator = new Intl.Collator("en", { sensitivity: "base", numeric: true });
  const number = (cell) => (Number.isFinite(Number(text(cell))) ? Number(text(cell)) : 0);
  const compare = {
    number: (one, other) => number(one) - number(other),
    date: (one, other) => (Date.parse(text(one)) || 0) - (Date.parse(text(other)) || 0),
    version: (one, other) => compareVersions(text(one), text(other)),
    text: (one, other) => collator.compare(text(one), text(other)),
  };

  class DataTable {
    constructor(box) {
      this.box = box;
      this.body = box.querySelector("tbody");
      this.info = box.querySelector(".info");
      this.heads = [...box.querySelectorAll("thead th")];
      this.columns = this.heads.map((head) => ({
        label: head.textContent.trim(),
        kind: head.dataset.kind,
        digits: Number(head.dataset.digits || 0),
        site: head.dataset.site || "",
        blank: head.dataset.blank || "",
      }));
      this.filter = box.querySelector("input[type=search]");
      this.page = 0;
      this.ready = null;
      const inPage = box.querySelector("script[data-rows]");
      if (inPage) this.rows = JSON.parse(inPage.textContent);
      this.heads.forEach((head, index) =>
        head.querySelector("button").addEventListener("click", () => this.whenReady(() => this.sort(index))),
      );
      this.filter.addEventListener("input", () =>
        this.whenReady(() => {
          this.page = 0;
          this.draw();
        }),
      );
      const [previous, next] = [box.querySelector("[data-previous]"), box.querySelector("[data-next]")];
      previous.addEventListener("click", () => this.whenReady(() => this.turn(-1)));
      next.addEventListener("click", () => this.whenReady(() => this.turn(1)));
      box.querySelector("[data-csv]").addEventListener("click", () => this.whenReady(() => this.download()));
      this.previous = previous;
      this.next = next;
      const hasRows = this.body.rows.length > 0;
      box.querySelector("[data-without-script]")?.remove();
      box.querySelector(".tools").hidden = !hasRows;
      box.querySelector(".pager").hidden = !hasRows;
      const total = this.rows ? this.rows.length : Infinity;
      this.enable(total);
    }

    whenReady(action) {
      if (this.rows) return action();
      if (!this.ready) {
        this.info.textContent = "Loading rows";
        this.ready = load(this.box.dataset.source).then((rows) => {
          this.rows = rows;
        });
      }
      return this.ready.then(action, () => {
        this.ready = null;
        this.info.textContent = "The rows could not be loaded";
      });
    }

    shown(column, cell) {
      if (column.kind === "number")
        return number(cell).toLocaleString("en-US", {
          minimumFractionDigits: column.digits,
          maximumFractionDigits: column.digits,
        });
      return String(text(cell)) || column.blank;
    }

    matching() {
      const wanted = this.filter.value.trim().toLowerCase();
      if (!wanted) return this.rows;
      return this.rows.filter((row) =>
        row.some((cell, index) => this.shown(this.columns[index], cell).toLowerCase().includes(wanted)),
      );
    }

    sort(index) {
      const head = this.heads[index];
      const direction = head.getAttribute("aria-sort") === "ascending" ? "descending" : "ascending";
      this.heads.forEach((each) => each.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", direction);
      const order = compare[this.columns[index].kind] || compare.text;
      const sign = direction === "ascending" ? 1 : -1;
      this.rows = [...this.rows].sort((one, other) => sign * order(one[index], other[index]));
      this.page = 0;
      this.draw();
    }

    turn(pages) {
      this.page += pages;
      this.draw();
    }

    enable(total) {
      this.previous.disabled = this.page <= 0;
      this.next.disabled = (this.page + 1) * PAGE >= total;
    }

    draw() {
      const rows = this.matching();
      this.page = Math.max(0, Math.min(this.page, Math.ceil(rows.length / PAGE) - 1));
      const first = this.page * PAGE;
      const part = rows.slice(first, first + PAGE);
      this.body.replaceChildren(...part.map((row) => this.row(row)));
      this.info.textContent = rows.length
        ? `Showing ${first + 1}-${first + part.length} of ${rows.length}`
        : "No data available";
      this.enable(rows.length);
    }

    row(cells) {
      const row = document.createElement("tr");
      cells.forEach((cell, index) => {
        const column = this.columns[index];
        const place = document.createElement(index ? "td" : "th");
        if (!index) place.scope = "row";
        if (column.kind === "number") place.className = "number";
        const href = Array.isArray(cell) ? cell[1] : column.site && text(cell) ? column.site + text(cell) : "";
        const target = href ? document.createElement("a") : place;
        if (href) {
          target.href = href;
          if (column.site) Object.assign(target, { target: "_blank", rel: "noopener noreferrer" });
          place.append(target);
        }
        target.textContent = this.shown(column, cell);
        row.append(place);
      });
      return row;
    }

    download() {
      // A text that a spreadsheet would take for a formula is quoted as text.
      const quoted = (value) => `"${String(value).replace(/^(?=[=+@\t\r]|-\D)/, "'").replaceAll('"', '""')}"`;
      const lines = [this.columns.map((column) => column.label), ...this.matching().map((row) => row.map(text))];
      const file = new Blob([lines.map((line) => line.map(quoted).join(",")).join("\n") + "\n"], { type: "text/csv" });
      const link = document.createElement("a");
      link.href = URL.createObjectURL(file);
      link.download = `${this.box.id}.csv`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    }
  }

  const setUpTabs = (box) => {
    const tabs = [...box.querySelectorAll("[role=tab]")];
    const panels = tabs.map((tab) => document.getElementById(tab.getAttribute("aria-controls")));
    const choose = (chosen, focus) => {
      tabs.forEach((tab, index) => {
        tab.setAttribute("aria-selected", String(index === chosen));
        tab.tabIndex = index === chosen ? 0 : -1;
        panels[index].hidden = index !== chosen;
      });
      if (focus) tabs[chosen].focus();
    };
    tabs.forEach((tab, index) => {
      tab.addEventListener("click", () => choose(index, false));
      tab.addEventListener("keydown", (event) => {
        const last = tabs.length - 1;
        const target = {
          ArrowRight: index === last ? 0 : index + 1,
          ArrowLeft: index === 0 ? last : index - 1,
          Home: 0,
          End: last,
        }[event.key];
        if (target === undefined) return;
        event.preventDefault();
        choose(target, true);
      });
    });
    box.querySelector("[role=tablist]").hidden = false;
    choose(0, false);
  };

  const setUpLanguages = (box) => {
    const select = box.querySelector("select");
    const place = box.querySelector("[data-language-chart]");
    let charts = null;
    box.querySelector(".tools").hidden = false;
    select.addEventListener("change", async () => {
      try {
        charts = charts || (await load(box.dataset.languages));
        place.innerHTML = charts[select.value];
      } catch {
        place.textContent = "The charts could not be loaded";
      }
    });
  };

  const setUpTheme = (button) => {
    const root = document.documentElement;
    const system = matchMedia("(prefers-color-scheme: dark)");
    const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
    const show = () => button.setAttribute("aria-pressed", String(isDark()));
    button.addEventListener("click", () => {
      root.dataset.theme = isDark() ? "light" : "dark";
      try {
        localStorage.setItem("boost-dashboard-theme", root.dataset.theme);
      } catch {
        // Not remembered where storage is forbidden.
      }
      show();
    });
    system.addEventListener("change", show);
    addEventListener("storage", show);
    button.hidden = false;
    show();
  };

  // In the Airflow UI the pages stand in a frame that may open no tabs; the page around it may.
  const openOutside = (event) => {
    const link = event.target.closest("a[target=_blank]");
    if (!link || window.top === window) return;
    try {
      const outside = window.parent.document.createElement("a");
      Object.assign(outside, { href: link.href, target: "_blank", rel: link.rel });
      outside.click();
      event.preventDefault();
    } catch {
      // Shown by a page of somebody else's: the link does what it can.
    }
  };

  document.addEventListener("click", openOutside);
  document.querySelectorAll("[data-table]").forEach((box) => new DataTable(box));
  document.querySelectorAll("[data-tabs]").forEach(setUpTabs);
  document.querySelectorAll("[data-languages]").forEach(setUpLanguages);
  document.querySelectorAll("[data-theme-switch]").forEach(setUpTheme);
})();
