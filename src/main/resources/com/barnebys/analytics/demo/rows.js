// The list of stored rows: asked for each second, not while nobody looks. What rows hold came from strangers, so it is only
// ever put in as text.
(function () {
  'use strict';

  const EACH_MILLIS = 1000;
  const ANSWER_MILLIS_MAX = 15000;
  const place = document.getElementById('rows');
  const summary = document.getElementById('summary');
  const pause = document.getElementById('pause');
  const rowOf = new Map();
  let isPaused = false;
  let isAsking = false;
  let timer;
  let body = null;

  function element(name, text, className) {
    const made = document.createElement(name);
    made.textContent = text === undefined ? '' : text;
    if (className) {
      made.className = className;
    }
    return made;
  }

  // Read out by screen readers, so only when it has changed.
  function summarise(text) {
    if (summary.textContent !== text) {
      summary.textContent = text;
    }
  }

  // On narrow screens the style sheet lays rows out as blocks, which takes their meaning away unless it is said.
  function role(made, name) {
    made.setAttribute('role', name);
    return made;
  }

  // The body of a new table in place of what was there.
  function table(heads) {
    const made = role(element('table'), 'table');
    const head = role(role(made.createTHead(), 'rowgroup').insertRow(), 'row');
    heads.forEach(([text, className]) => {
      const cell = role(element('th', text, className), 'columnheader');
      cell.scope = 'col';
      head.append(cell);
    });
    place.replaceChildren(made);
    return role(made.createTBody(), 'rowgroup');
  }

  function tableRow(cells) {
    const made = role(element('tr'), 'row');
    made.append(...cells.map(cell => role(cell, 'cell')));
    return made;
  }

  function time(row) {
    return row.timestamp.slice(11);
  }

  function what(row) {
    const cell = element('td', '', 'what');
    if (row.lead) {
      cell.append(element('span', 'lead', 'badge'));
    }
    if (row.table === 'events' && row.source === 'barnebys') {
      cell.append(element('span', 'from Barnebys', 'badge'));
    }
    const parts = row.table === 'events'
      ? [row.category + ' ' + row.action, row.label, row.value && row.value + ' ' + (row.currency || '')]
      : [row.dimension1, row.url && 'to ' + row.url.split('?')[0]];
    cell.append(parts.filter(Boolean).join(', '));
    return cell;
  }

  function columns(row) {
    const cell = element('td', '', 'row');
    const details = element('details');
    const list = element('dl');
    Object.keys(row).filter(name => name !== 'table').forEach(name => {
      list.append(element('dt', name), element('dd', String(row[name])));
    });
    details.append(element('summary', 'as stored'), list);
    cell.append(details);
    return cell;
  }

  // Rows that stay are not touched: someone may be in the middle of one.
  function show(rows) {
    body = body || table([['Time (UTC)'], ['Table'], ['Program'], ['What'], ['All columns']]);
    const ids = new Set(rows.map(row => row.eventId));
    rowOf.forEach((made, id) => {
      if (!ids.has(id)) {
        made.remove();
        rowOf.delete(id);
      }
    });
    let next = body.firstChild;
    rows.forEach(row => {
      const made = rowOf.get(row.eventId) || tableRow([
        element('td', time(row), 'fixed'),
        element('td', row.table, 'fixed'),
        element('td', row.programId, 'fixed'),
        what(row),
        columns(row)
      ]);
      rowOf.set(row.eventId, made);
      if (made === next) {
        next = made.nextSibling;
      } else {
        body.insertBefore(made, next);
      }
    });
  }

  function count(number) {
    return number === 50 ? 'The last 50 rows' : number === 1 ? 'One row' : number + ' rows';
  }

  function showCounters(tables) {
    const heads = [['Table'], ['Accepted', 'number'], ['Delivered', 'number'], ['Set aside', 'number']];
    const body = table(heads);
    Object.keys(tables).sort().forEach(name => {
      const cells = [name, tables[name].accepted, tables[name].delivered, tables[name].parked].map((value, i) => {
        const cell = element('td', value, i ? 'number' : 'fixed');
        cell.dataset.head = heads[i][0];
        return cell;
      });
      body.append(tableRow(cells));
    });
  }

  function named(row) {
    const kinds = { events: 'an event', impression: 'an impression', click: 'a click' };
    return row.lead ? 'a lead' : kinds[row.table];
  }

  function take(answer) {
    if (!answer.rows) {
      showCounters(answer.books.byTable);
      summarise('Rows go to another store (STORE is ' + answer.store + '), which this page does not read. This is what the'
        + ' tracker has counted since it started.');
      return;
    }
    if (answer.rows.length) {
      show(answer.rows);
    }
    const newest = answer.rows[0];
    summarise(newest
      ? count(answer.rows.length) + ' of the demo. The newest: ' + named(newest) + ', '
        + time(newest) + '.'
      : 'Nothing yet.');
  }

  async function ask() {
    if (isAsking) {
      return;
    }
    isAsking = true;
    try {
      const answer = await fetch('/demo/rows', { signal: AbortSignal.timeout(ANSWER_MILLIS_MAX) });
      if (!answer.ok) {
        throw new Error(await answer.text());
      }
      take(await answer.json());
    } catch (e) {
      summarise('The list cannot be read now: ' + e.message);
    }
    isAsking = false;
    plan();
  }

  function plan() {
    clearTimeout(timer);
    if (!isPaused && !document.hidden) {
      timer = setTimeout(ask, EACH_MILLIS);
    }
  }

  pause.addEventListener('click', () => {
    isPaused = !isPaused;
    pause.setAttribute('aria-pressed', isPaused);
    if (isPaused) {
      clearTimeout(timer);
    } else {
      ask();
    }
  });

  document.addEventListener('visibilitychange', () => {
    if (document.hidden) {
      clearTimeout(timer);
    } else if (!isPaused) {
      ask();
    }
  });

  document.getElementById('privacy').hidden = !(navigator.globalPrivacyControl || navigator.doNotTrack === '1');
  ask();
})();
