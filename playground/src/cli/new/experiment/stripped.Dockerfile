FROM golang:1.23 AS build
WORKDIR /src
COPY go.mod main.go ./
RUN --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 go build -ldflags="-w -s" -o /app .

FROM scratch
COPY --from=build /app /app
ENTRYPOINT ["/app"]
