// The little the pages need beyond htmx. No inline scripts anywhere.

// On a phone the navigation folds away.
for (const fold of document.querySelectorAll(".side .fold")) {
  fold.addEventListener("toggle", () => fold.parentElement.classList.toggle("open", fold.open));
}

// A form with data-confirm asks before it acts.
document.addEventListener("submit", (event) => {
  const question = event.target.dataset.confirm;
  if (question && !window.confirm(question)) event.preventDefault();
});

// htmx swaps error answers too, so that a form's messages are shown.
document.addEventListener("htmx:beforeSwap", (event) => {
  if ([400, 409, 422].includes(event.detail.xhr.status)) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});
