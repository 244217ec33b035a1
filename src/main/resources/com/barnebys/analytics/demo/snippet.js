// The snippet of docs/conversion-tracking.md. It is a file of its own, since these pages forbid inline scripts, and takes the
// tracker's address and the program from the page.
(function (w, d, name, src) {
  w.BarnebysAnalyticsObject = name;
  w[name] = w[name] || function () { (w[name].q = w[name].q || []).push(arguments); };
  var script = d.createElement('script');
  script.async = true;
  script.src = src;
  d.head.appendChild(script);
})(window, document, 'ba', document.documentElement.dataset.tracker + '/bite.v1.js');

ba('init', document.documentElement.dataset.program);
