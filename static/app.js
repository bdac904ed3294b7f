// The little the pages need beyond htmx. No inline scripts anywhere.

// A form with data-confirm asks before it acts.
document.addEventListener("submit", (event) => {
  const question = event.target.dataset.confirm;
  if (question && !window.confirm(question)) event.preventDefault();
});

// htmx swaps error answers too, so that a form's messages are shown.
document.addEventListener("htmx:beforeSwap", (event) => {
  if ([400, 409, 422, 429].includes(event.detail.xhr.status)) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});
