// The timeline as an interactive calendar: drag over free time to book it, drag a booking to
// propose another time. Every act opens the plain form with the times filled in; nothing is
// written from here. Without this module the server's own timeline stands as it is.

const root = document.querySelector("[data-calendar]");
const toggle = document.querySelector("[data-calendar-toggle]");
const source = document.getElementById("calendar-data");
const REMEMBERED = "labitory.calendar.interactive";
const TABLE_ROLES = ["table", "row", "rowgroup", "cell", "columnheader", "rowheader"];
const TABLE_PLACES = ["role", "aria-colindex", "aria-rowindex", "aria-colspan", "aria-rowspan"];

if (root && toggle && source) {
  start(JSON.parse(source.textContent));
}

function start(page) {
  const server = document.querySelector("[data-calendar-server]");
  let drawn = null;
  let wanted = false;

  // Drawing takes a moment; somebody who presses again meanwhile has changed their mind.
  async function show(interactive) {
    wanted = interactive;
    if (interactive) {
      try {
        drawn ??= draw(page);
        await drawn;
      } catch {
        toggle.disabled = true;
        return;
      }
    }
    root.hidden = !wanted;
    server.classList.toggle("d-md-block", !wanted);
    toggle.setAttribute("aria-pressed", String(wanted));
    remember(wanted);
  }

  toggle.hidden = false;
  toggle.addEventListener("click", () => show(!wanted));
  document.addEventListener("live:swapped", async () => {
    if (drawn) (await drawn).setOption("events", await entries(page));
  });
  if (localStorage.getItem(REMEMBERED) === "1") {
    show(true);
  }
}

function remember(interactive) {
  if (interactive) {
    localStorage.setItem(REMEMBERED, "1");
  } else {
    localStorage.removeItem(REMEMBERED);
  }
}

async function draw(page) {
  await load(page.assets);
  const clock = page.hour12
    ? { hour: "numeric", minute: "2-digit", hour12: true }
    : { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  const names = Object.fromEntries(page.resources.map(({ id, name }) => [id, name]));
  const calendar = window.EventCalendar.create(root, {
    view: page.view === "week" ? "resourceTimelineWeek" : "resourceTimelineDay",
    date: page.date,
    firstDay: 1,
    headerToolbar: { start: "", center: "", end: "" },
    locale: document.documentElement.lang || undefined,
    slotMinTime: page.opens,
    slotMaxTime: page.closes,
    slotDuration: page.view === "week" ? "02:00" : "00:30",
    snapDuration: "00:15",
    slotLabelFormat: page.hour12 ? { hour: "numeric", hour12: true } : clock,
    eventTimeFormat: clock,
    nowIndicator: true,
    selectable: true,
    unselectAuto: false,
    resources: page.resources.map(({ id, name }) => ({ id, title: name })),
    events: await entries(page),
    eventDidMount: ({ el, event, timeText }) => tell(el, event, timeText, names),
    dateClick: ({ date, resource }) => open(page, resource.id, date),
    select: ({ start, end, resource }) => open(page, resource.id, start, end),
    eventClick: ({ event }) => {
      if (event.extendedProps.address) {
        window.location.assign(event.extendedProps.address);
      }
    },
    eventDrop: (move) => propose(move),
    eventResize: (move) => propose(move),
  });
  // The library calls it a table but leaves out what a table needs. The server's is a real one.
  const parts = TABLE_ROLES.map((role) => `[role="${role}"]`).join(", ");
  root.querySelectorAll(parts).forEach((part) => {
    TABLE_PLACES.forEach((name) => part.removeAttribute(name));
  });
  return calendar;
}

// An event says which instrument it is of; one that cannot be opened is no button.
function tell(element, event, time, names) {
  const name = names[event.resourceIds[0]];
  element.title = `${name}, ${time} ${event.title}`.trim();
  if (event.extendedProps.address) {
    const said = Object.assign(document.createElement("span"), { textContent: `${name}, ` });
    said.classList.add("visually-hidden");
    element.prepend(said);
  } else {
    element.setAttribute("role", "img");
    element.setAttribute("aria-label", element.title);
    element.removeAttribute("tabindex");
  }
}

function load({ script, style }) {
  document.head.append(
    Object.assign(document.createElement("link"), { rel: "stylesheet", href: style }),
  );
  return new Promise((resolve, reject) => {
    document.head.append(
      Object.assign(document.createElement("script"), {
        src: script,
        onload: resolve,
        onerror: reject,
      }),
    );
  });
}

async function entries(page) {
  const query = new URLSearchParams({ from: page.from, to: page.to });
  for (const { id } of page.resources) {
    query.append("resource", id);
  }
  const answer = await fetch(`${page.feed}?${query}`, { headers: { Accept: "application/json" } });
  if (!answer.ok) {
    throw new Error(`calendar feed: ${answer.status}`);
  }
  const wall = wallClock(page.zone);
  return (await answer.json()).data.map((entry) => {
    const known = entry.kind === "booking" && entry.is_visible;
    const movable = known && ["pending", "confirmed"].includes(entry.status);
    return {
      id: `${entry.kind}-${entry.id}-${entry.start_time}`,
      resourceIds: [entry.resource],
      start: wall(entry.start_time),
      end: wall(entry.end_time),
      title: entry.title,
      startEditable: movable,
      durationEditable: movable,
      classNames: ["ec-tl", `ec-tl-${entry.kind}`, `ec-tl-${entry.status || "set"}`]
        .concat(entry.is_mine ? ["ec-tl-mine"] : []),
      extendedProps: { address: known ? page.booking.replace(page.blank, entry.id) : "" },
    };
  });
}

// The calendar knows no time zones: it is given, and gives back, the reader's wall clock.
function wallClock(zone) {
  const clock = new Intl.DateTimeFormat("sv-SE", {
    timeZone: zone,
    dateStyle: "short",
    timeStyle: "medium",
  });
  return (moment) => clock.format(new Date(moment)).replace(" ", "T");
}

function typed(date) {
  const two = (number) => String(number).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

function open(page, resource, from, until) {
  const query = new URLSearchParams({ resource, start: typed(from) });
  if (until) {
    query.set("end", typed(until));
  }
  window.location.assign(`${page.form}?${query}`);
}

function propose({ event, revert }) {
  revert();
  const query = new URLSearchParams({
    resource: event.resourceIds[0],
    start: typed(event.start),
    end: typed(event.end),
  });
  window.location.assign(`${event.extendedProps.address}/edit?${query}`);
}
