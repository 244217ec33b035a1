(function () {
  'use strict';

  const said = document.getElementById('said');
  const pixel = document.getElementById('pixel');
  const link = pixel.src;
  let shown = 1;

  function say(text) {
    said.textContent = text;
  }

  function failed() {
    say('The pixel did not arrive. Does an extension of this browser block it?');
  }

  pixel.addEventListener('error', failed);
  if (pixel.complete && !pixel.naturalWidth) {
    failed();
  }

  // The same address twice in a page is one request. What stands behind the signature is not looked at.
  document.getElementById('again').addEventListener('click', () => {
    shown += 1;
    pixel.src = link + '&n=' + shown;
    say('The pixel was shown ' + shown + ' times.');
  });

  document.getElementById('subscribe').addEventListener('click', () => {
    ba('send', 'event', 'registration', 'completed', 'newsletter');
    say('Sent: registration completed.');
  });
})();
