"""The web application: parse, call one service, show. Screens by domain; the frame holds what all of them share."""
