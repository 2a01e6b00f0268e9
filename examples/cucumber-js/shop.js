// The system under test: takes orders, and calls an API for each, for stock and payments.
//
// `POST /orders {"sku", "amount"}` answers `{"outcome"}`. The header `baggage` goes on to the API, as
// instrumented services pass it on: so one shop serves scenarios side by side, each with its own mocks.

const http = require('node:http');

const ATTEMPTS = 3;

async function placeOrder(api, { sku, amount }, headers) {
  const stock = await fetch(`${api}/stock/${sku}`, { headers });
  if (!stock.ok) return 'not possible';
  if ((await stock.json()).left === 0) return 'sold out';
  const payment = await pay(api, amount, headers);
  if (payment === 503) return 'kept for later';
  return payment === 201 ? 'placed' : 'refused';
}

async function pay(api, amount, headers) {
  let status = 503;
  for (let attempt = 0; status === 503 && attempt < ATTEMPTS; attempt += 1) {
    const body = JSON.stringify({ amount });
    const answer = await fetch(`${api}/payments`, { method: 'POST', body, headers });
    await answer.arrayBuffer();
    status = answer.status;
  }
  return status;
}

async function answer(api, request, response) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const headers = { 'content-type': 'application/json', baggage: request.headers.baggage ?? '' };
  const outcome = await placeOrder(api, JSON.parse(Buffer.concat(chunks)), headers);
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ outcome }));
}

// Opens a shop that calls `api`; resolves to `{ url, close }`.
function openShop(api) {
  const server = http.createServer((request, response) => {
    answer(api, request, response).catch((error) => response.writeHead(500).end(String(error)));
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const close = () => server.close() && server.closeAllConnections();
      resolve({ url: `http://127.0.0.1:${server.address().port}`, close });
    });
  });
}

module.exports = { openShop };
