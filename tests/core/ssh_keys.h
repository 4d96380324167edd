/* Keys that ssh-keygen has made, and what it and openssl have signed with them. */

#ifndef REED_TESTS_SSH_KEYS_H
#define REED_TESTS_SSH_KEYS_H

/* PROTOCOL.sshsig of OpenSSH: what -Y sign -n reed signs for "hello" */
#define SIGNED                                                                         \
	"U1NIU0lHAAAABHJlZWQAAAAAAAAABnNoYTUxMgAAAECbcdIkvWLzeF2W1GrT6j1zMZv7wokMqtri" \
	"3/clGWc8pyMjw9mbpcEdfHrMbhS4xdoMRmNHXC5cOt70b3O83sBD"

#define ED25519_KEY "AAAAC3NzaC1lZDI1NTE5AAAAIEBOKSpgxD4GeY+gXaGWKY1G9418aDPr/5zCCrod/oxn"

#define ED25519_SIGNATURE                                                              \
	"AAAAC3NzaC1lZDI1NTE5AAAAQNBfIEE/QrVFlNH5C5/abMXGcUZyZODtkSZwbIim6npNH30lyDFV" \
	"3RO/5qmH1ChPwETY6o7+KQXygsfMbRwkEgc="

#define P256_KEY                                                                       \
	"AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBEueG1q1akMlEts0VkH1XYjq" \
	"aQVINr0oVKjk4WtmDJD7eo4/oRxkhR/lAijAYzWHFyYwZCHrYqxO1GJKKJEK0Gg="

#define P256_SIGNATURE                                                                 \
	"AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAABJAAAAIQDBA3P/NiiBqKXUDhn/eRokWT8A2Qr3plwY" \
	"SouG+wP5qwAAACBS1Tu+nmPdxzpEa1KUO6CAnXvXirtSxR0ILckhj2lEWg=="

#define P384_KEY                                                                       \
	"AAAAE2VjZHNhLXNoYTItbmlzdHAzODQAAAAIbmlzdHAzODQAAABhBDfU4M2ii73kghYMlB87mKmF" \
	"zzHrxDi2TAcyJd47Jfrr+jTqugDlLaBhujxOq9YJ0X53rhc/nHG3ynLZuF9FDhTz2qdQV003rmeP" \
	"dB/+OWuqw74gqYAt+XzjqJfvAbaLHg=="

#define P384_SIGNATURE                                                                 \
	"AAAAE2VjZHNhLXNoYTItbmlzdHAzODQAAABpAAAAMF+6e+dewA+rp1uRNTgJOkBemrIu2QtJaCuV" \
	"jav8SQS5huVbgkmmYl64ax9oWLyhZQAAADEAwNgDgsdoMNZNn/NHqDDIJLUA7Q/zq1ggI4TvCTmc" \
	"sRFXSAsKm6YtWgZfMd3qGk3e"

#define P521_KEY                                                                       \
	"AAAAE2VjZHNhLXNoYTItbmlzdHA1MjEAAAAIbmlzdHA1MjEAAACFBAGxMly3WqwRsWD+H6+u6IEc" \
	"r1zEleyerwcQHZ2lVrlZzNZE3918pSjwI/82ccwB9lVjw3igQ9drPOGv2fSm2MlQzwAx8VsOoZ0X" \
	"X2DPgeJBm4QpXWc5pHrWcBmiGm/rAi2NmybAL1RlWNwoTcO0tLeLLHVZ8zHiVixSt3m2b+4SER1S" \
	"7A=="

#define P521_SIGNATURE                                                                 \
	"AAAAE2VjZHNhLXNoYTItbmlzdHA1MjEAAACLAAAAQVvySkOTwm4ejZomC9KvKFekn13LpNJaO5g6" \
	"g003smS8MUZOChDjK1bgq350TprtxE7YgUMLTkDecAD3C1yR/ZcbAAAAQgCaOfruXD1XSK6/W7g4" \
	"SEgWQOHwcgEA0vhvc2+QBCiIbRXloJ3oxrk8Sr2sEKXlLZglpwOI2q9KORLjldce4uCgqQ=="

#define RSA_KEY                                                                        \
	"AAAAB3NzaC1yc2EAAAADAQABAAABAQCiSpus7eY6kWgUxHLE+HmXUvr2eGr3ULhMtKgHv5FbnWNR" \
	"MlGqzuIPEHUa48ZjrjcFEEQsCpDoGsxOWNtjrUJcKzXarBGQCV2aHgtcGSpKdsutAzcZ2M2z0gA9" \
	"RUQ9uuAOgWGqudaTaeXQts1ubr1LBbi72prM0WlDw5D48EaUkuGntlPDqMncTWgiaKnLDLdCu4Bo" \
	"OHgu5Y9sHwSUpH3XDyQlU/lVTfPjb1GFR+oUJwhwJlMflDtEegXbcXtmkbvW8hJejdEtYxGoQcL4" \
	"bh2tuyTs56Vz8QhBBmq2NT+hfZe8xAs2BPuOeZ4dcbU/ek26BLDneKe8lCp6kglE+fSp"

#define RSA_SIGNATURE                                                                  \
	"AAAADHJzYS1zaGEyLTUxMgAAAQAbT8mzCQYW3XtMPDCULLJO33TUP2KgIB7Tkk+CdVD9zmKSzWOg" \
	"iZQOHUJ/TcSEz+1nbsjZ+Hx4o5jKv4eY+FIEJ/Z04aoKAmXMR6KC0rNWgIry7R831zJEsinrRggP" \
	"datGO1tVp/WcTDiwpd8h937RVL0y+2LB1k9kfgvPa07ZtiJXlAwaxSxxHyiHGD+RDx6P8L0c4+HA" \
	"ZIBC5ZNQLgLaGW/LctPgPD98jWrHgXO/1JLFJqB/AaBXQk56Vt3s0G0J0th7QcSKt35Gve1RPBNo" \
	"UgE+3gSGvvyT50FsoahzIp9D6AWqoCY6ZQBbiyoHUpYw0WStN9wQOzQ2nbk+8xJ+"

#define RSA_SIGNATURE_SHA256                                                           \
	"AAAADHJzYS1zaGEyLTI1NgAAAQBS4lfFF15UpsEWjw8SHPuvUvsTNHo8ELELiF9HQKpHvElGZA+P" \
	"k/IrVI8tQ4Wl3ECm2xCUrCOL2npPBrbRSR7uUtmaj+08e70bo5GLOSG/IYwGpVSv1Orh3P6QQjbH" \
	"6b+LaunlpWRkzq4KH14VVYJgJl6X3Urm1nRc4PDaYOM4QiZn6bxGGmjGD5tizTci+in658gn0EoG" \
	"qSZCWStCIz/e8EQQkkbLnAIOeao+pBRwT75+6/O/moJhE040NQuXx+KcyTPY2B5ppUYHl4gQrgnK" \
	"YYGoy6FPTn3H46Fmy903dVoeWxUYbH8rP4l1mLCZ1PnQ8RVfz+L9oLzrmdhBnL8V"

#define RSA_SIGNATURE_SHA1                                                             \
	"AAAAB3NzaC1yc2EAAAEAgU/Rbq9SoDvc5h97zSjjn0Wn+eujo2zKCXFEhdIbTp7/00uzXzbwVoTn" \
	"kbveitcxD1iGkmq+J1uT6KkYsU41SK7vtNkKx0Ckh2DVtd7WiSwvPiU3d1QwwbHEf8xm8OyMx14n" \
	"IrJsoyH6q6hj/WvmqABkmazyIxy/utbg3Z9+HoZK5/vmt6ghk5RnXVak5G2Ul67BviuTMYp1Z0NF" \
	"ERcNtZLwSraE3WtGbB6ellHPaFy9nIjGQC7vFBFVl1jZKoYTCeY6TApjcIqeo/vVWJvuUzCMMWJf" \
	"chfTjb8NZlTpDtDXyvvb3izPXc4pQ812OhfBP7c6zRTnbXXvAndRwec27Q=="

#define WEAK_KEY                                                                       \
	"AAAAB3NzaC1yc2EAAAADAQABAAAAgQC/CTF8k4T71PxJ8+CLbc6Q0q2O0XPu9Fzw+7VdGARRR2ye" \
	"cfhrI7KqBUK+IhwKqvivnhFUitT7zg/rnSIKT1ejV7n4peetcHGEde1qNXQOYSBYJqeh2ZM/P06a" \
	"L0MZE5uAsE5k7EhaJBoXbgiZhgoF34BAMwaYyqLhQzFxV/RiIQ=="

#define WEAK_SIGNATURE                                                                 \
	"AAAADHJzYS1zaGEyLTUxMgAAAICejUglRx5KaNzCU1i+xY8lVgkj/Wp75RbA9uhbwVk8bIyrcWgL" \
	"/YBlTJeLlphn0KCVjLRZf3akgA0Oncod8+BWZitwwS7XpfgOoqlbmQbs31Wa/IMJ3owvPntq1Q57" \
	"vTKc9KZ10xP757iCYlrfWGGTL2+Aun0tpARlKSQ3RAA4qA=="

#endif
