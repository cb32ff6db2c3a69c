"""Tokens as PyJWT makes and judges them: reads a question, writes the answers."""

import json
import sys

import jwt

with open(sys.argv[1], encoding="utf-8") as file:
    question = json.load(file)


def judge(token):
    try:
        claims = jwt.decode(
            token,
            question["secret"],
            algorithms=["HS256"],
            subject=question["user"],
            # Neither flowhost nor the other peers ask for whom a token is.
            options={"verify_aud": False},
        )
        return {"claims": claims}
    except jwt.PyJWTError as error:
        return {"refused": repr(error)}


answers = {
    "judged": [judge(token) for token in question["judge"]],
    "signed": [jwt.encode(claims, question["secret"], "HS256") for claims in question["sign"]],
}
with open(sys.argv[2], "w", encoding="utf-8") as file:
    json.dump({"PyJWT": answers}, file)
