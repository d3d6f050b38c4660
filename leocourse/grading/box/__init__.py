"""What runs inside the boxes: one runs submissions and knows no answer, the other compares."""
