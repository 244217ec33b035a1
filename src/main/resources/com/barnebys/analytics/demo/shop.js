(function () {
  'use strict';

  const said = document.getElementById('said');
  const isVisit = new URLSearchParams(location.search).has('btm_refs');

  function say(text) {
    said.textContent = text;
  }

  document.getElementById('came').textContent = isVisit
    ? 'You came by the magazine’s link. The tracker set a cookie on the way, and the pixel of this page carried it back:'
      + ' that makes the lead in the list below. The address named the visit, so events of this browser count as'
      + ' coming from Barnebys.'
    : 'You came here directly. Come by the magazine’s link to make a lead.';

  document.getElementById('bid').addEventListener('click', () => {
    ba('send', 'event', 'bid', 'placed', 'lot-4711', '1000.00', 'EUR');
    say('Sent: bid placed.');
  });

  document.getElementById('pay').addEventListener('click', () => {
    ba('send', {
      hitType: 'event',
      eventCategory: 'purchase',
      eventAction: 'completed',
      eventLabel: 'invoice-123',
      eventValue: '1250.00',
      eventCurrency: 'EUR'
    });
    say('Sent: purchase completed.');
  });

  document.getElementById('login').addEventListener('submit', event => {
    event.preventDefault();
    const customer = document.getElementById('customer').value;
    ba('refs', customer);
    ba('send', 'event', 'login', 'completed');
    say('Sent: this browser is ' + customer + '.');
  });

  window.addEventListener('pagehide', () => ba('send', 'event', 'visit', 'left'));
})();
