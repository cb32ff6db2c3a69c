// A form that was sent is not sent again by a second click: what it holds is
// good for once.
document.addEventListener('submit', (event) => {
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = 'yes';
});
// A page that only passes something on sends its form by itself. Without
// scripts it has a button.
document.querySelector('form[data-submit]')?.requestSubmit();
