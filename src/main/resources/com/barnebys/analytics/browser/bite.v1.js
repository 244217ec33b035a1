// The browser library, served as /bite.v1.js. docs/conversion-tracking.md says how pages use it.
//
// Written by hand in ES5, so that old browsers can parse it. Comments stand on lines of their own and nothing quoted goes
// over a line: what is served is this file without comments and indentation (ScriptText).
//
// It never throws into the page, leaves no global but the command queue, and waits for nothing.
(function (window, document, navigator) {
  'use strict';

  // The snippet names its queue here; without the snippet it is ba.
  var name = window.BarnebysAnalyticsObject || 'ba';
  var stub = window[name];

  // Proxies in front of the tracker often take lines up to 8 KB only. The page's address is last, so it is what is cut.
  var QUERY_MAX = 7000;
  // How long an event waits for the reference that says where its visitor came from.
  var HOLD_MILLIS = 1000;
  // An answer "already created" is an error in the console: names already told today are not told again.
  var TOLD_MAX = 8000;
  // The tracker takes no more at once. So many escaped characters leave the other names of a query their room.
  var REFS_MAX = 32;
  var REFS_LENGTH_MAX = 6000;

  var base, debug, program, refs, visitor, told;
  // Addresses of events held back while references are on their way; null: nothing is held.
  var held = null;
  var creating = 0;
  // Commands to a page that nobody sees yet, and perhaps never will; the tracker stores nothing of such a page.
  var waiting = document.prerendering ? [] : null;

  // Global Privacy Control, or the older Do Not Track, which the tracker reads alike: nothing is kept in the browser.
  // Asked anew each time, as a visitor may choose it while the page is open.
  function isPrivate() {
    return navigator.globalPrivacyControl || navigator.doNotTrack === '1';
  }

  // Also called where something has gone wrong, so it must not.
  function log(what, value) {
    try {
      if (debug) {
        window.console.log('Barnebys Analytics: ' + what, value);
      }
    } catch (e) {
      debug = false;
    }
  }

  // Storage throws when the visitor or the embedding page denies it; then everything lives as long as the page.
  function read(key) {
    try {
      return isPrivate() ? null : window.localStorage.getItem(key);
    } catch (e) {
      return null;
    }
  }

  function write(key, value) {
    try {
      if (!isPrivate()) {
        window.localStorage.setItem(key, value);
      }
    } catch (e) {
      log('not kept', key);
    }
  }

  // 128 random bits that mean this browser on this site and nothing else.
  function random() {
    var hex = '', bytes, i;
    try {
      bytes = window.crypto.getRandomValues(new Uint8Array(16));
    } catch (e) {
      bytes = null;
    }
    for (i = 0; i < 16; i++) {
      hex += ((bytes ? bytes[i] : Math.floor(Math.random() * 256)) + 256).toString(16).slice(1);
    }
    return hex;
  }

  function visitorId() {
    if (!visitor) {
      visitor = read('_ba_f');
      if (!/^[\w-]{16,64}$/.test(visitor)) {
        visitor = random();
        write('_ba_f', visitor);
      }
    }
    return visitor;
  }

  // Null for what is no text, so that nobody reports on NaN and [object Object]. An object that says what it is, an
  // amount say, counts as that.
  function text(value) {
    var string = value === undefined || value === null || typeof value === 'function' ? null : String(value);
    return (typeof value === 'number' && !isFinite(value)) || /^\[object \w+]$/.test(string) ? null : string;
  }

  // A list, or text with commas: each name once, separated by commas. True and false name nobody.
  function namesOf(value) {
    var names = typeof value === 'boolean' ? '' : text(value instanceof Array ? value.map(text) : value) || '';
    return names.split(',').map(function (name) {
      return name.trim();
    }).filter(function (name, i, all) {
      return name && all.indexOf(name) === i;
    }).join(',');
  }

  // Half a pair of UTF-16 cannot be escaped.
  function escaped(string) {
    return encodeURIComponent(string.replace(/[\uD800-\uDBFF][\uDC00-\uDFFF]|[\uD800-\uDFFF]/g, function (found) {
      return found.length > 1 ? found : '\uFFFD';
    }));
  }

  // What is not there is not sent. A page's scripts may have given all objects members of their own.
  function query(values) {
    var parts = Object.keys(values).map(function (key) {
      var string = text(values[key]);
      return string === null ? null : key + '=' + escaped(string);
    }).filter(Boolean);
    return parts.join('&').slice(0, QUERY_MAX).replace(/%.?$/, '');
  }

  // The same address twice in a page is one request for an image, so each carries a number.
  function image(url) {
    image.count = (image.count || 0) + 1;
    try {
      new window.Image().src = url + '&_n=' + image.count;
    } catch (e) {
      log('no image', e);
    }
  }

  // Without keepalive a request dies with its page, which that of an image mostly does not. The function is told the
  // status, 0 if there is none; false: it will not be. What a page has put in the place of fetch may answer anything.
  function get(url, mode, done) {
    var options = { mode: mode, credentials: 'omit', cache: 'no-store', keepalive: true };
    try {
      if ('keepalive' in window.Request.prototype) {
        window.fetch(url, options).then(function (answer) {
          done(answer ? answer.status : 0);
        }, function () {
          image(url);
          done(0);
        });
        return true;
      }
    } catch (e) {
      log('no fetch', e);
    }
    image(url);
    return false;
  }

  // A beacon outlives its page in every browser that has it. It is a POST; what it says is in the address all the same,
  // and _b, since the tracker stores no other POST.
  function transmit(url) {
    try {
      if (navigator.sendBeacon && navigator.sendBeacon(url + '&_b=1')) {
        return;
      }
    } catch (e) {
      log('no beacon', e);
    }
    get(url, 'no-cors', Boolean);
  }

  function release() {
    var urls = held || [], i;
    held = null;
    for (i = 0; i < urls.length; i++) {
      transmit(urls[i]);
    }
  }

  function hold() {
    if (!held) {
      held = [];
      window.setTimeout(release, HOLD_MILLIS);
    }
  }

  function toldMark(list) {
    return [new Date().toISOString().slice(0, 10), program, visitorId(), list].join(' ').replace(/\n/g, ' ');
  }

  function isTold(mark) {
    told = told || read('_ba_r') || '';
    return ('\n' + told + '\n').indexOf('\n' + mark + '\n') >= 0;
  }

  function tell(mark) {
    told = (mark + '\n' + told).slice(0, TOLD_MAX);
    write('_ba_r', told);
  }

  // Tells the tracker that this browser is whom the site, or Barnebys, calls by these names. One known name among
  // several makes the tracker refuse them all (400), so then each is told alone.
  function create(list, type) {
    var mark = toldMark(list), names = list.split(','), half = names.length >> 1, url;

    function done(status) {
      var i;
      if (status === 400 && names.length > 1) {
        for (i = 0; i < names.length; i++) {
          create(names[i], type);
        }
      }
      if (status === 200 || status === 400) {
        tell(mark);
      }
      creating--;
      if (!creating) {
        release();
      }
    }

    if (!list || !base || isTold(mark)) {
      return;
    }
    if (half && (names.length > REFS_MAX || escaped(list).length > REFS_LENGTH_MAX)) {
      create(names.slice(0, half).join(','), type);
      create(names.slice(half).join(','), type);
      return;
    }
    url = base + '/r/create?' + query({ fingerprint: visitorId(), programId: program, type: type, refs: list });
    log('reference', url);
    if (get(url, 'cors', done)) {
      creating++;
      hold();
    }
  }

  // Barnebys' links carry the names of the visit.
  function arrival() {
    var found = /[?&]btm_refs=([^&#]*)/.exec(window.location.href);
    try {
      return found && decodeURIComponent(found[1].replace(/\+/g, ' '));
    } catch (e) {
      return found[1];
    }
  }

  function isFromBarnebys() {
    return isFromBarnebys.now || read('_ba_t') === 'barnebys';
  }

  // Who came from Barnebys once is known so by every later name, since conversions of a server have nothing else.
  function createOwn() {
    if (refs && program) {
      create(refs, isFromBarnebys() ? 'barnebys' : null);
    }
  }

  var commands = {
    debug: function () {
      debug = true;
    },

    init: function (id, names) {
      var visit = arrival();
      program = text(id || '');
      if (names) {
        refs = namesOf(names);
      }
      log('program', program);
      if (program && visit) {
        isFromBarnebys.now = true;
        write('_ba_t', 'barnebys');
        create(namesOf(visit), 'barnebys');
      }
      createOwn();
    },

    refs: function (names) {
      refs = namesOf(names);
      createOwn();
    },

    send: function (type, category, action, label, value, currency) {
      var event = type && typeof type === 'object' ? type : {
        hitType: type,
        eventCategory: category,
        eventAction: action,
        eventLabel: label,
        eventValue: value,
        eventCurrency: currency
      };
      var isWhole = program && text(event.eventCategory || '') && text(event.eventAction || '');
      var url;
      if (!base) {
        log('not sent: no script element has the address of this script', event);
        return;
      }
      if (!isWhole || (event.hitType || 'event') !== 'event') {
        log('not sent: init, hitType event, a category and an action are needed', event);
        return;
      }
      url = base + '/r/collect?' + query({
        _h: 'event',
        p: program,
        c: event.eventCategory,
        a: event.eventAction,
        v: event.eventValue,
        cur: event.eventCurrency,
        _f: visitorId(),
        l: event.eventLabel,
        _r: refs || null,
        url: window.location.href
      });
      log('event', url);
      if (held) {
        held.push(url);
      } else {
        transmit(url);
      }
    }
  };

  function run(command) {
    if (waiting) {
      waiting.push(command);
      return;
    }
    try {
      if (Object.prototype.hasOwnProperty.call(commands, command[0])) {
        commands[command[0]].apply(null, Array.prototype.slice.call(command, 1));
      } else {
        log('unknown command', command[0]);
      }
    } catch (e) {
      log('failed', e);
    }
  }

  // Where this script came from, with what a proxy has put before a path that is known.
  function origin(src) {
    var found = /^(https?:\/\/[^\/?#]+)(?:([^?#]*)\/(?:bite\.v1|v1\/bite)\.js(?:[?#]|$))?/.exec(src);
    return found && found[1] + (found[2] || '');
  }

  function ownOrigin() {
    // An element of the page may have taken this name.
    var current = document.currentScript, scripts, i;
    if (current && current.tagName === 'SCRIPT' && current.src) {
      return origin(current.src);
    }
    scripts = document.getElementsByTagName('script');
    for (i = scripts.length - 1; i >= 0; i--) {
      if (/\/(bite\.v1|v1\/bite)\.js([?#]|$)/.test(scripts[i].src)) {
        return origin(scripts[i].src);
      }
    }
  }

  function ba() {
    run(arguments);
  }

  // It may be frozen, or not there.
  function put(object, key, value) {
    try {
      object[key] = value;
    } catch (e) {
      log('not set', key);
    }
  }

  function shown() {
    var commands = waiting;
    waiting = null;
    commands.forEach(run);
  }

  function start() {
    var queue = stub && stub.q, i;
    // No array any more: loaded before.
    if (queue && queue.length === undefined) {
      return;
    }
    base = ownOrigin();
    // Whoever has kept the snippet's function goes on using it.
    ba.q = { push: run };
    put(window, name, ba);
    put(stub, 'q', ba.q);
    for (i = 0; queue && i < queue.length; i++) {
      run(queue[i]);
    }
    if (waiting) {
      document.addEventListener('prerenderingchange', shown);
    }
    window.addEventListener('pagehide', release);
    document.addEventListener('visibilitychange', function () {
      if (document.visibilityState === 'hidden') {
        release();
      }
    });
  }

  try {
    start();
  } catch (e) {
    log('not started', e);
  }
})(window, document, navigator);
