"""What the columns of a table that nobody mapped are, by their headers and by the values below them."""
