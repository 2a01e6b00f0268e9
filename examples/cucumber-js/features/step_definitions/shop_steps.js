// The suite's own steps: what a customer of the shop does and sees.

const assert = require('node:assert');
const { AfterAll, BeforeAll, Then, When } = require('@cucumber/cucumber');
const { openShop } = require('../../shop.js');

let shop;

BeforeAll(async () => {
  shop = await openShop(process.env.PYMOCKAPI_URL);
});

AfterAll(() => shop.close());

When('{string} is ordered for {int} EUR', async function (sku, amount) {
  const answer = await fetch(`${shop.url}/orders`, {
    method: 'POST',
    headers: { baggage: this.mockApi.baggage },
    body: JSON.stringify({ sku, amount }),
  });
  assert.strictEqual(answer.status, 200, await answer.clone().text());
  this.outcome = (await answer.json()).outcome;
});

Then(/^the order is (.+)$/, function (outcome) {
  assert.strictEqual(this.outcome, outcome);
});
