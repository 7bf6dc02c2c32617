"""What one cell says: numbers, money, days, terms, shares and names, however they are written."""
