"""Mails to people: text and HTML, sent after the commit of what they tell of."""

from users.mail.sending import address_of, beside_the_request, compose, deliver, send

__all__ = ["address_of", "beside_the_request", "compose", "deliver", "send"]
