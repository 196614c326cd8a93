// A token handed over behind the # of the address never reaches a server's log; it is taken out of the address at once
const handed = new URLSearchParams(location.hash.slice(1)).get('token');
if (handed) {
  history.replaceState(null, '', location.pathname + location.search);
  const form = document.getElementById('sign-in');
  form.elements.token.value = handed;
  form.requestSubmit();
}
