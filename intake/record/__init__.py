"""What came before, and by what it is known again: nothing is lost, nothing comes in twice."""
