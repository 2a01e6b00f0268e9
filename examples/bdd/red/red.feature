@shop
Feature: Red on purpose

  Scenario: A request that no stub answers, which no step looks at
    When "book" is ordered for 0 EUR
    Then the order is refused

  Scenario: A request that was not to come
    Given the API must not be asked for POST "/payments", and answers 201
    When "book" is ordered for 42 EUR
    Then the order is placed

  @hiccup @mock.sold-out
  Scenario: A stub that is asked less often than it expects
    When "book" is ordered for 42 EUR
    Then the order is sold out

  Scenario: A step that does not hold
    When "book" is ordered for 42 EUR
    Then the API received POST "/payments" 2 times

  Scenario Outline: One example of two
    When "book" is ordered for <amount> EUR
    Then the API received POST "/payments" once

    Examples:
      | amount |
      | 0      |
      | 1      |
