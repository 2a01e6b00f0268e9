@shop
Feature: Orders

  Scenario: An order is paid and placed
    When "book" is ordered for 42 EUR
    Then the order is placed
    And the state "customer" of the API is guest
    And the API received POST "/payments" with the JSON:
      """
      {"amount": 42}
      """
    And the API received in this order:
      | method | path        |
      | GET    | /stock/book |
      | POST   | /payments   |

  @member
  Scenario: A tag of the scenario goes beyond one of the feature
    When "book" is ordered for 42 EUR
    Then the order is placed
    And the state "customer" of the API is member

  @mock.sold-out
  Scenario: What is sold out is not paid
    When "book" is ordered for 42 EUR
    Then the order is sold out
    And the API never received POST "/payments"

  Scenario Outline: The tags of examples decide
    When "book" is ordered for <amount> EUR
    Then the order is <outcome>

    Examples: Cards that are taken
      | amount | outcome |
      | 10     | placed  |
      | 20     | placed  |

    @mock.card-refused
    Examples: A card that has expired
      | amount | outcome |
      | 10     | refused |

    @outage @wip
    Examples: Nobody takes cards
      | amount | outcome        |
      | 10     | kept for later |
