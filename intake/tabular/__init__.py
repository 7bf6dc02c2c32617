"""Tables in files of any kind: unpacked, their header found, their cells told as everybody sees them."""
