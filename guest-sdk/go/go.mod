module github.com/flowhost/flowhost/guest-sdk/go

go 1.24
