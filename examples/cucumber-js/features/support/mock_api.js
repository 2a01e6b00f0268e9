// A world of mocks for each scenario, by its tags, judged at its end. Copy this file as it is.
//
// `this.mockApi` is the scenario's namespace: `url` (the base URL of the mocked API), `headers` and
// `baggage` (either names the namespace to a shared URL), `call`, `stub` and `verify`.

const { After, Before, BeforeAll } = require('@cucumber/cucumber');

const LEASE = '1h'; // how long a namespace outlives a run that was killed
const attempts = new Map();

class MockApi {
  constructor({ name, base_url: url, headers }) {
    Object.assign(this, { name, url, headers, baggage: `mock.namespace=${name}` });
  }

  // Does a control call below this namespace, as `call('GET', '/requests')`.
  call(method, path, body) {
    return control(method, `/namespaces/${this.name}${path}`, body);
  }

  // Adds a stub, as `stub({ request: { path: '/pay' }, response: { status: 503 } })`.
  stub(definition) {
    return this.call('POST', '/stubs', definition);
  }

  // Fails with the report unless what is expected has come, as
  // `verify({ expect: [{ request: { path: '/pay' }, times: 2 }], within: '2s' })`.
  async verify(expectation) {
    const { passed, report } = await this.call('POST', '/verify', expectation);
    if (!passed) fail(report);
  }
}

async function control(method, path, body) {
  const { PYMOCKAPI_URL, PYMOCKAPI_CONTROL_URL = PYMOCKAPI_URL, PYMOCKAPI_TOKEN } = process.env;
  const headers = PYMOCKAPI_TOKEN ? { authorization: `Bearer ${PYMOCKAPI_TOKEN}` } : {};
  const answer = await fetch(`${PYMOCKAPI_CONTROL_URL}/__mock/v1${path}`, {
    method, headers, body: body && JSON.stringify(body),
  }).catch((error) => fail(`The mock server cannot be reached: ${error.cause ?? error}`));
  const text = await answer.text();
  const isJson = answer.headers.get('content-type')?.includes('json');
  const told = isJson && text ? JSON.parse(text) : text;
  if (!answer.ok) fail(reasonIn(told, text));
  return told;
}

// Returns what a problem document says: all errors at once, as the server has found them.
function reasonIn({ detail, errors = [], suggestions = [] }, text) {
  const others = errors.slice(1).map(({ pointer, message }) => `${pointer}: ${message}`);
  const near = suggestions.filter((name) => !detail.includes(name));
  return [detail ?? text, ...others, ...near].join('\n  ');
}

// Throws an error that is shown without a trace, which would lead to this file alone.
function fail(message) {
  const error = new Error(message);
  error.stack = message;
  throw error;
}

function labelsOf({ gherkinDocument, pickle }) {
  const attempt = (attempts.get(pickle.id) ?? 0) + 1;
  attempts.set(pickle.id, attempt);
  const { line, ...example } = placeOf(gherkinDocument.feature, pickle.astNodeIds);
  return {
    runner: 'cucumber-js', test: `${pickle.uri}:${line}`, file: pickle.uri, line: String(line),
    feature: gherkinDocument.feature.name, scenario: pickle.name, ...example,
    worker: process.env.CUCUMBER_WORKER_ID ?? String(process.pid), attempt: String(attempt),
  };
}

// Returns the line of a scenario; of one by examples that of its row, and which example that is.
function placeOf(feature, [id, rowId]) {
  const children = feature.children.flatMap((child) => child.rule?.children ?? child);
  const { location, examples } = children.find((child) => child.scenario?.id === id).scenario;
  const rows = examples.flatMap(({ tableBody }, table) => tableBody.map((row, place) => (
    { id: row.id, line: row.location.line, example: `${table + 1}.${place + 1}` })));
  const { line, example } = rows.find((row) => row.id === rowId) ?? location;
  return example ? { line, example } : { line };
}

BeforeAll(() => {
  if (!process.env.PYMOCKAPI_URL) {
    fail('There is no mock server: run the tests as  pymockapi run mocks.yaml -- npx cucumber-js');
  }
});

Before({ name: 'mock API' }, async function (scenario) {
  const slug = scenario.pickle.name.toLowerCase().replace(/[^a-z0-9]+/g, '-').slice(0, 40);
  const created = await control('POST', '/namespaces', {
    name: `${slug.replace(/^-|-$/g, '') || 'scenario'}-${scenario.testCaseStartedId.slice(0, 8)}`,
    tags: scenario.pickle.tags.map((tag) => tag.name),
    labels: labelsOf(scenario),
    lease: LEASE,
  });
  this.mockApi = new MockApi(created);
  this.mockApiId = created.id;
});

After({ name: 'mock API' }, async function ({ result }) {
  if (!this.mockApi) return; // it could not be had, which was told
  const status = result.status.toLowerCase();
  const { reason, verdict } = await this.mockApi.call('POST', '/finish', { status });
  const isJudged = status === 'passed' && reason === 'finished';
  if (status === 'failed' || (isJudged && !verdict.passed)) {
    const page = await control('GET', `/namespaces/${this.mockApiId}/export?format=text`);
    this.attach(page, 'text/plain');
  }
  if (isJudged && !verdict.passed) fail(verdict.report);
  if (status === 'passed' && reason === 'expired') fail('The lease of the mocks ended before the scenario did.');
});
