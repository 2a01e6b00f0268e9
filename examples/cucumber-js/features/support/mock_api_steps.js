// The ready-made steps, the same as those for Python. Copy this file as it is, beside mock_api.js.

const assert = require('node:assert');
const { isDeepStrictEqual } = require('node:util');
const { Given, Then } = require('@cucumber/cucumber');

const WAITS = { timeout: -1 }; // the step says itself how long, and the server keeps to it

const json = (text, what = 'The doc string') => {
  try {
    return JSON.parse(text);
  } catch (error) {
    return assert.fail(`${what} is not JSON: ${error.message}`);
  }
};

// Returns what a cell says: JSON if it is some (7, true, "a b"), else the text itself.
const value = (text) => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

const request = (method, path, more) => ({ ...(method === 'ANY' ? {} : { method }), path, ...more });

const pairs = (table) => Object.fromEntries(
  table.raw().filter(([name, text]) => name !== 'name' || text !== 'value'));

// Returns the rows of a table by its head, without empty cells.
const records = (table) => table.hashes().map((row) => Object.fromEntries(
  Object.entries(row).filter(([, cell]) => cell !== '')));

const expected = (table) => records(table).map(({ method = 'ANY', path, times = 1, ...more }) => (
  { request: request(method, path, more), times: Number(times) }));

const answers = (table) => records(table).map(({ status, times, json: body, ...more }) => ({
  status: Number(status),
  ...(times && { times: Number(times) }),
  ...(body && { json: json(body, `The cell '${body}'`) }),
  ...more,
}));

// Before the system is asked

const answering = (mockApi, method, path, response, more) => (
  mockApi.stub({ request: request(method, path), response, ...more }));

const down = (mockApi, status, path) => (
  mockApi.stub({ request: path ? { path } : {}, response: { status }, priority: 1 }));

Given('the API answers {word} {string} with {int}', function (method, path, status) {
  return answering(this.mockApi, method, path, { status });
});

Given('the API answers {word} {string} with {int} and the JSON(:)', function (method, path, status, text) {
  return answering(this.mockApi, method, path, { status, json: json(text) });
});

Given('the API answers {word} {string} with {int} and the text(:)', function (method, path, status, text) {
  return answering(this.mockApi, method, path, { status, text });
});

Given('the API answers {word} {string} in turn with(:)', function (method, path, table) {
  return this.mockApi.stub({ request: request(method, path), responses: answers(table) });
});

Given('the API answers {word} {string} with {int} after {float} seconds', function (method, path, status, delay) {
  return answering(this.mockApi, method, path, { status, delay });
});

Given('the API must not be asked for {word} {string}, and answers {int}', function (method, path, status) {
  return answering(this.mockApi, method, path, { status }, { expect: 0 });
});

Given('the API is down', function () {
  return down(this.mockApi, 503);
});

Given('the API is down with {int}', function (status) {
  return down(this.mockApi, status);
});

Given('the API is down below {string}', function (prefix) {
  return down(this.mockApi, 503, { prefix });
});

Given('the API takes {float} seconds to answer', function (delay) {
  return this.mockApi.call('POST', '/apply', { settings: { delay } });
});

Given('the API behaves as {string}', function (behaviour) {
  return this.mockApi.call('POST', '/apply', { settings: { behaviour } });
});

Given('the API uses the set {string}', async function (name) {
  const { applied } = await this.mockApi.call('GET', '');
  const sets = [...applied.sets.map((each) => each.set), name];
  return this.mockApi.call('POST', '/apply', { sets });
});

Given('the API has the state(:)', function (table) {
  const entries = Object.entries(pairs(table)).map(([name, text]) => [name, value(text)]);
  return this.mockApi.call('PATCH', '/state', Object.fromEntries(entries));
});

Given('the clock of the API stands at {string}', function (now) {
  return this.mockApi.call('PUT', '/clock', { mode: 'frozen', now });
});

Given('the API forgets what it received', function () {
  return this.mockApi.call('DELETE', '/requests');
});

// After it was asked

const received = (mockApi, pattern, times, more) => (
  mockApi.verify({ expect: [{ request: pattern, ...(times !== undefined && { times }) }], ...more }));

Then('the API received {word} {string}', function (method, path) {
  return received(this.mockApi, request(method, path));
});

Then('the API received {word} {string} once', function (method, path) {
  return received(this.mockApi, request(method, path), 1);
});

Then('the API received {word} {string} {int} times', function (method, path, times) {
  return received(this.mockApi, request(method, path), times);
});

Then('the API received {word} {string} at least {int} times', function (method, path, count) {
  return received(this.mockApi, request(method, path), { at_least: count });
});

Then('the API received {word} {string} at most {int} times', function (method, path, count) {
  return received(this.mockApi, request(method, path), { at_most: count });
});

Then('the API received {word} {string} within {float} seconds', WAITS, function (method, path, within) {
  return received(this.mockApi, request(method, path), undefined, { within });
});

Then('the API received {word} {string} {int} times within {float} seconds', WAITS,
  function (method, path, times, within) {
    return received(this.mockApi, request(method, path), times, { within });
  });

Then('the API received {word} {string} with the JSON(:)', function (method, path, text) {
  return received(this.mockApi, request(method, path, { body: { json_contains: json(text) } }));
});

Then('the API received {word} {string} with the headers(:)', function (method, path, table) {
  return received(this.mockApi, request(method, path, { headers: pairs(table) }));
});

Then('the API received {word} {string} with the query(:)', function (method, path, table) {
  return received(this.mockApi, request(method, path, { query: pairs(table) }));
});

Then('the API never received {word} {string}', function (method, path) {
  return received(this.mockApi, request(method, path), 0);
});

Then('the API received in this order(:)', function (table) {
  return this.mockApi.verify({ expect: expected(table), order: 'strict' });
});

Then('the API received only(:)', function (table) {
  return this.mockApi.verify({ expect: expected(table), nothing_else: true });
});

Then('the API received nothing', function () {
  return received(this.mockApi, {}, 0);
});

Then(/^the state "([^"]*)" of the API is (.+)$/, async function (key, text) {
  const state = await this.mockApi.call('GET', '/state');
  const wanted = value(text);
  assert.ok(key in state, `The state has no key '${key}'; its keys: ${Object.keys(state).join(', ') || 'none'}.`);
  const told = `The state '${key}' is ${JSON.stringify(state[key])}, not ${JSON.stringify(wanted)}.`;
  assert.ok(isDeepStrictEqual(state[key], wanted), told);
});

Then('nothing is wrong with the requests to the API', async function () {
  const { passed, report } = await this.mockApi.call('GET', '/verdict');
  assert.ok(passed, report);
});
