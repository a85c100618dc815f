"""Sign-in of citizens by an outside identity provider (OpenID Connect, authorization code with PKCE).

allauth does the round trip; what it leaves out is added here: the id token is always checked (signature, issuer,
audience, time, nonce, its owner), nothing in the address can change what is asked for, and no claim is stored.
"""
