@shop
Feature: Outages of payments

  @outage
  Rule: An order outlives an outage

    Scenario: It is kept for later
      When "book" is ordered for 42 EUR
      Then the order is kept for later
      And the API received POST "/payments" 3 times

    @mock.payments-recover
    Scenario: A set that the scenario names is applied after those of the table
      When "book" is ordered for 42 EUR
      Then the order is placed

    @hiccup
    Scenario: A row that holds for tests without an outage does not hold here
      When "book" is ordered for 42 EUR
      Then the order is kept for later

  Rule: A short outage is not noticed

    @hiccup
    Scenario: The third attempt goes through
      When "book" is ordered for 42 EUR
      Then the order is placed

    Scenario: The second attempt goes through, as the scenario says itself
      Given the API answers POST "/payments" in turn with:
        | status | times | json         |
        | 503    | 1     |              |
        | 201    |       | {"id": "p9"} |
      When "book" is ordered for 42 EUR
      Then the order is placed
      And the API received only:
        | method | path        | times |
        | GET    | /stock/book |       |
        | POST   | /payments   | 2     |

    Scenario: Everything is down
      Given the API is down
      When "book" is ordered for 42 EUR
      Then the order is not possible
      And nothing is wrong with the requests to the API
