// Back from another site: its answer goes on by itself, from our own page and so with our cookies.

document.querySelector("form[data-submit-at-once]")?.submit();
