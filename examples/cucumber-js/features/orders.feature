Feature: Orders

  Scenario: An order is paid and placed
    When "book" is ordered for 42 EUR
    Then the order is placed
    And the API received POST "/payments" with the JSON:
      """
      {"amount": 42}
      """
    And the API received in this order:
      | method | path        |
      | GET    | /stock/book |
      | POST   | /payments   |

  @mock.sold-out
  Scenario: What is sold out is not paid
    When "book" is ordered for 42 EUR
    Then the order is sold out
    And the API never received POST "/payments"

  Scenario Outline: The amount decides
    Given the API answers POST "/payments" with <status>
    When "book" is ordered for <amount> EUR
    Then the order is <outcome>

    Examples:
      | amount | status | outcome  |
      | 10     | 201    | placed   |
      | 9999   | 402    | refused  |
