Feature: Outages of payments

  @outage
  Rule: An order outlives an outage

    Scenario: It is kept for later
      When "book" is ordered for 42 EUR
      Then the order is kept for later
      And the API received POST "/payments" 3 times

  Rule: A short outage is not noticed

    @hiccup
    Scenario: The third attempt goes through
      When "book" is ordered for 42 EUR
      Then the order is placed

    Scenario: The second attempt goes through, as this scenario says itself
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
