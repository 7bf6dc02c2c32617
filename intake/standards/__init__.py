"""Values that a public standard defines, brought to its one form: identity numbers, telephones, industries, regions."""
